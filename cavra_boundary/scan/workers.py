"""Distributes the entries of a scan over processes, in chunks; the findings do not depend on it."""

from __future__ import annotations

import gc
import sys
from collections import deque
from typing import TYPE_CHECKING

from cavra_boundary.errors import ScanError
from cavra_boundary.scan.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cavra_boundary.scan.scanner import Part, Plan
    from cavra_boundary.sources.base import Source

CHUNK = 64
"""Entries per worker task."""

_AHEAD = 32
"""Chunks queued per process before the first result is needed: enough to keep all of them busy."""

_WORTH_A_PROCESS = 512
"""With fewer entries, starting processes costs more than it saves."""


def in_parts(scanner: Scanner, source: Source, entries: Sequence[str], jobs: int) -> Iterator[tuple[int, Part]]:
    """Scan entries of a source, in order: parts, each with the position of its first entry.

    ScanError when a process dies.
    """
    starts = range(0, len(entries), CHUNK)
    chunks = (entries[start : start + CHUNK] for start in starts)
    if jobs == 1 or len(entries) < _WORTH_A_PROCESS:
        yield from zip(starts, (scanner.entries(source, chunk) for chunk in chunks), strict=True)
        return
    from concurrent.futures import Future, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    global _shared
    _shared = scanner, source  # a forked process inherits it and does not have to build its own
    # Forking is safe here, where no thread runs yet, and ten times as fast as spawning.
    context = get_context("fork" if sys.platform == "linux" else None)
    # Garbage collection would write to memory that forked processes share, and so copy it into each of them.
    gc.freeze()
    waiting: deque[tuple[int, Future[Part]]] = deque()

    def next_part() -> tuple[int, Part]:
        start, future = waiting.popleft()
        return start, future.result()

    with ProcessPoolExecutor(jobs, context, initializer=_start, initargs=(scanner.plan, source)) as pool:
        try:
            for start, chunk in zip(starts, chunks, strict=True):
                waiting.append((start, pool.submit(_scan, chunk)))
                if len(waiting) > _AHEAD * jobs:
                    yield next_part()
            while waiting:
                yield next_part()
        except BrokenProcessPool:
            raise ScanError("a worker process died", hint="free some memory, or scan with --jobs 1") from None
        finally:
            pool.shutdown(cancel_futures=True)
            gc.unfreeze()
            _shared = None


_shared: tuple[Scanner, Source] | None = None
"""What a worker process scans with."""


def _start(plan: Plan, source: Source) -> None:
    global _shared
    _shared = _shared or (Scanner(plan), source)


def _scan(entries: Sequence[str]) -> Part:
    assert _shared is not None, "the pool's initializer has run"  # noqa: S101
    scanner, source = _shared
    return scanner.entries(source, entries)

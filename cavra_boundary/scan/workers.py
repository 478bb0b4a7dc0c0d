"""Distributes the entries of a scan over processes, in chunks; the findings do not depend on it.

Each worker has two pipes of its own, and nothing else is shared: there is no lock that a worker could die with, and no
thread that an interrupt would have to wait for. A pipe that closes is all that either side needs to know of the other's
end, however sudden.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.errors import ScanError
from cavra_boundary.scan.scanner import Scanner

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess
    from queue import SimpleQueue

    from cavra_boundary.scan.scanner import Part, Plan
    from cavra_boundary.sources.base import Source

CHUNK = 64
"""Entries per worker task."""

_QUEUED = 4
"""Chunks that a worker has been given: enough to keep it busy until it gets more."""

_AHEAD = 32
"""Chunks per process that may be done before an earlier one is, since results are kept in order."""

_WORTH_A_PROCESS = 512
"""With fewer entries, starting processes costs more than it saves."""

# Forking is safe here, where no thread runs yet, and ten times as fast as spawning.
_METHOD = "fork" if sys.platform == "linux" else "spawn"

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def in_parts(scanner: Scanner, source: Source, entries: Sequence[str], jobs: int) -> Iterator[tuple[int, Part]]:
    """Scan entries of a source, in order: parts, each with the position of its first entry.

    ScanError when a process dies.
    """
    starts = range(0, len(entries), CHUNK)
    if jobs == 1 or len(entries) < _WORTH_A_PROCESS:
        for start in starts:
            yield start, scanner.entries(source, entries[start : start + CHUNK])
        return
    # Garbage collection would write to memory that forked processes share, and so copy it into each of them.
    gc.freeze()
    try:
        with _workers(min(jobs, len(starts)), scanner, source, entries) as workers:
            yield from _shared_out(workers, starts)
    finally:
        gc.unfreeze()


class _Work(NamedTuple):
    """What a worker works with. made: a forked process inherits the scanner; any other makes its own from the plan."""

    made: Scanner | Plan
    source: Source
    entries: Sequence[str]


class _Worker(NamedTuple):
    """One process, as its parent sees it. given: the chunks that it has not answered yet."""

    process: BaseProcess
    tasks: Connection
    results: Connection
    given: list[int]

    def send(self, what: object) -> None:
        with suppress(BrokenPipeError):  # it is dead, which reading will tell
            self.tasks.send(what)

    def give(self, start: int) -> None:
        self.send((start, start + CHUNK))
        self.given.append(start)

    def answer(self) -> Part:
        """The result for its oldest chunk. ScanError when it is dead; what stopped it, if it could still say so."""
        try:
            answer: Part | Exception = self.results.recv()
        except (EOFError, OSError):
            raise ScanError("a worker process died", hint="free some memory, or scan with --jobs 1") from None
        if isinstance(answer, Exception):
            raise answer
        del self.given[0]
        return answer


def _shared_out(workers: Sequence[_Worker], starts: range) -> Iterator[tuple[int, Part]]:
    """The parts that workers make of all chunks, in order."""
    from multiprocessing.connection import wait

    by_results: dict[object, _Worker] = {worker.results: worker for worker in workers}
    done: dict[int, Part] = {}
    left = iter(starts)
    given = 0
    for number, start in enumerate(starts):
        while start not in done:
            for worker in sorted(workers, key=lambda worker: len(worker.given)):
                while len(worker.given) < _QUEUED and given < min(len(starts), number + _AHEAD * len(workers)):
                    worker.give(next(left))
                    given += 1
            for ready in wait([worker.results for worker in workers]):
                worker = by_results[ready]
                oldest = worker.given[0]
                done[oldest] = worker.answer()
        yield start, done.pop(start)


@contextmanager
def _workers(count: int, scanner: Scanner, source: Source, entries: Sequence[str]) -> Iterator[Sequence[_Worker]]:
    """Start processes, and end them, whatever happens."""
    from multiprocessing import get_context

    forks = _METHOD == "fork"
    context = get_context("fork") if forks else get_context("spawn")
    workers: list[_Worker] = []
    if not forks and hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # started later, it would let in the signals that `_signals_held` holds
    try:
        for _ in range(count):
            tasks, sends = context.Pipe(duplex=False)
            receives, results = context.Pipe(duplex=False)
            # As long as anybody else holds an end of a pipe, it does not close.
            inherited = [end for worker in workers for end in (worker.tasks, worker.results)] + [sends, receives]
            given = (inherited, _Work(scanner, source, entries)) if forks else ([], None)
            process = context.Process(target=_work, args=(tasks, results, os.getpid(), *given), daemon=True)
            with _signals_held():
                process.start()
                workers.append(_Worker(process, sends, receives, []))
            tasks.close()
            results.close()
        if not forks:
            # Not as an argument: if a process dies before it has read those, its start never ends.
            for worker in workers:
                worker.send(_Work(scanner.plan, source, entries))
        yield workers
    finally:
        for worker in workers:
            worker.process.kill()
        for worker in workers:
            worker.tasks.close()
            worker.results.close()
            worker.process.join()


@contextmanager
def _signals_held() -> Iterator[None]:
    """Deliver signals only afterwards, so that a new process is never interrupted before it is ready for that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(
    tasks: Connection, results: Connection, parent: int, inherited: Sequence[Connection], work: _Work | None
) -> None:
    """What a worker does, until its parent has ended. work: None if it is the first thing that comes over `tasks`."""
    from queue import SimpleQueue
    from threading import Thread

    for end in inherited:
        end.close()
    _leave_signals_to(parent)
    chunks: SimpleQueue[tuple[int, int]] = SimpleQueue()
    try:
        made, source, entries = work or tasks.recv()
        Thread(target=_receive, args=(tasks, chunks), daemon=True).start()
        scanner = made if isinstance(made, Scanner) else Scanner(made)
        while True:
            first, last = chunks.get()
            results.send_bytes(_answer(scanner, source, entries[first:last]))
    except (EOFError, OSError):  # nobody is there
        os._exit(0)


def _answer(scanner: Scanner, source: Source, entries: Sequence[str]) -> memoryview:
    """What the parent receives: a part, or what stopped it."""
    from multiprocessing.reduction import ForkingPickler

    try:
        return ForkingPickler.dumps(scanner.entries(source, entries))
    except Exception as error:
        try:
            return ForkingPickler.dumps(error)
        except Exception:
            return ForkingPickler.dumps(ScanError(f"internal error in a worker: {type(error).__name__}"))


def _receive(tasks: Connection, chunks: SimpleQueue[tuple[int, int]]) -> None:
    """Take tasks while there is a parent, and end the process when there is none."""
    with suppress(EOFError, OSError):
        while True:
            chunks.put(tasks.recv())
    os._exit(0)


def _leave_signals_to(parent: int) -> None:
    """Let the parent decide on interrupts, which a terminal sends to all processes, and die with it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
    if sys.platform == "linux":
        # The pipe's end is seen only between two calls of C code that keeps Python's lock.
        with suppress(Exception):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)

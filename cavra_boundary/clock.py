"""The clock: how long the bytes of strangers may keep the tool busy.

A stage narrows what is left of its caller's time with `at_most`; nothing can extend it. Loops over content go through
`watched`, and `regex` gets what is left as its timeout (`detect/patterns.py`). Both raise `OutOfTime`, and whoever set
the limit says what was slow and goes on without it.

Time is this thread's CPU time, so a busy machine changes no result. Each thread and process has a clock of its own.
Asking for it is a system call, fifty times as slow as asking for the time of day, which passes at least as fast: so it
is asked only now and then, and before anything is called out of time.
"""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from threading import local
from time import perf_counter, thread_time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

T = TypeVar("T")

_end: ContextVar[float] = ContextVar("_end", default=inf)

_PER_FILE, _PER_BYTE = 0.1, 1e-6
"""What a file may take in any case, in seconds: many times what one usually does."""

STRIDE = 256
"""How many steps a loop takes between two looks at the clock."""


_STALE = 0.02
"""Seconds for which a look at the clock is good: limits are longer by no more than that."""


class _Last(local):
    """When this thread last looked at both clocks."""

    of_day = -inf
    of_thread = 0.0


_last = _Last()


def _now() -> float:
    """The thread's CPU time, or up to `_STALE` more."""
    passed = perf_counter() - _last.of_day
    return _last.of_thread + passed if passed < _STALE else _look()


def _look() -> float:
    """The thread's CPU time."""
    _last.of_day, _last.of_thread = perf_counter(), thread_time()
    return _last.of_thread


class OutOfTime(Exception):  # noqa: N818 - it is an outcome, like StopIteration; and no OSError, which TimeoutError is
    """The time for something ran out."""


@contextmanager
def at_most(seconds: float) -> Iterator[float]:
    """Give the block no more than this many seconds, and no more than its caller has left: how many that is.

    A generator must not yield inside the block: the limit would hold for its consumer.
    """
    now = _now() if seconds > _STALE else _look()
    end = min(_end.get(), now + seconds)
    token = _end.set(end)
    try:
        yield max(0.0, end - now)
    finally:
        _end.reset(token)


def left() -> float:
    """How many seconds are left; infinite without a limit. OutOfTime when there are none."""
    end = _end.get()
    if end == inf:
        return inf
    rest = end - _now()
    if rest <= 0:
        rest = end - _look()
    if rest <= 0:
        raise OutOfTime
    return rest


def is_over() -> bool:
    """Whether no time is left."""
    end = _end.get()
    return end != inf and _now() >= end and _look() >= end


def check() -> None:
    """OutOfTime when no time is left."""
    if is_over():
        raise OutOfTime


def watched(items: Iterable[T]) -> Iterator[T]:
    """The items, as long as there is time. OutOfTime when there is none."""
    steps = 0
    for item in items:
        steps += 1
        if steps == STRIDE:
            steps = 0
            check()
        yield item


class Allowance:
    """The time that one process may spend on a whole run.

    What a file takes beyond what its size accounts for comes out of a reserve. So many slow files delay a run no more
    than a few do, and files that are not slow are scanned even after it is used up.
    """

    def __init__(self, reserve: float) -> None:
        self._full = self._reserve = reserve

    @contextmanager
    def spent_on(self, size: int, most: float) -> Iterator[float]:
        """Give the block, which works on this many bytes, at most so many seconds and what is left: how many."""
        began = _now()
        earned = _PER_FILE + size * _PER_BYTE
        try:
            with at_most(min(most, self._reserve + earned)) as granted:
                yield granted
        finally:
            spent = max(0.0, _now() - began)
            self._reserve = max(0.0, min(self._full, self._reserve + earned - spent))


class Steps:
    """Counts the steps of a loop without items, and looks at the clock now and then."""

    __slots__ = ("_count",)

    def __init__(self) -> None:
        self._count = 0

    def step(self) -> None:
        """OutOfTime when no time is left."""
        self._count += 1
        if self._count == STRIDE:
            self._count = 0
            check()

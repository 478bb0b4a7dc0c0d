"""The clock narrows what is left, and nothing extends it."""

from __future__ import annotations

from math import inf

import pytest

from cavra_boundary import clock


def test_without_a_limit_there_is_no_end() -> None:
    assert clock.left() == inf
    assert not clock.is_over()
    clock.check()
    assert list(clock.watched(range(1000))) == list(range(1000))


def test_a_limit_ends_what_is_within_and_nothing_else() -> None:
    with clock.at_most(0):
        assert clock.is_over()
        for late in (clock.left, clock.check):
            with pytest.raises(clock.OutOfTime):
                late()
        with pytest.raises(clock.OutOfTime):
            list(clock.watched(range(1000)))
    assert not clock.is_over()


def test_an_inner_limit_cannot_extend_an_outer_one() -> None:
    with clock.at_most(0), clock.at_most(1000) as granted:
        assert granted == 0
        assert clock.is_over()
    with clock.at_most(1000):
        with clock.at_most(0):
            assert clock.is_over()
        assert 0 < clock.left() <= 1000


def test_what_was_yielded_in_time_stays() -> None:
    kept = []
    with clock.at_most(0), pytest.raises(clock.OutOfTime):
        for item in clock.watched(range(1000)):
            kept.append(item)
    assert kept == list(range(len(kept)))
    assert 0 < len(kept) < 1000


def test_slow_files_use_up_the_reserve_and_others_still_have_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(clock, "_last", clock._Last())
    monkeypatch.setattr(clock, "thread_time", lambda: now)
    monkeypatch.setattr(clock, "perf_counter", lambda: now)
    allowance = clock.Allowance(10)
    granted = []
    for _ in range(4):
        with allowance.spent_on(0, 6) as seconds:
            granted.append(seconds)
            now += seconds
    assert granted == [pytest.approx(6), pytest.approx(4.2), pytest.approx(0.1), pytest.approx(0.1)]
    with allowance.spent_on(4_000_000, 6) as seconds:
        assert seconds == pytest.approx(4.1)
    for _ in range(3):
        with allowance.spent_on(1_000_000, 6):
            pass
    with allowance.spent_on(0, 6) as seconds:
        assert seconds == 6

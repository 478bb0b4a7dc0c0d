from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.model import Finding, Position, Severity, Span, Status
from cavra_boundary.scan.sharing import Sharing, in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

_words = st.sampled_from(["", "a", "reported", "suppressed", "1"])
_findings = st.lists(
    st.builds(
        Finding,
        *[_words, _words, st.sampled_from(Severity), _words],
        st.builds(Position, *[st.integers(1, 3)] * 4),
        *[_words, _words, _words],
        st.builds(Span, st.integers(0, 2), st.integers(0, 2)),
        _words,
        st.sampled_from(Status),
        *[_words, _words],
        st.lists(_words, max_size=2).map(tuple),
        st.none(),
        _words,
    ),
    max_size=8,
)


def _typed(findings: Iterable[Finding]) -> list[list[tuple[type, object]]]:
    return [[(type(part), part) for part in finding] for finding in findings]


@given(st.lists(_findings, max_size=3))
def test_shared_findings_are_the_same(parts: list[list[Finding]]) -> None:
    sharing = Sharing()
    for part in parts:
        assert _typed(sharing.shared(part)) == _typed(part)


def test_equal_parts_are_one_object() -> None:
    position, span = Position(1, 1, 1, 2), Span(0, 1)
    one, two = (
        Finding(f"{stem}.x", "c", Severity.NOTE, "p", position, "", "", "", span, "", Status.REPORTED, "", "", ())
        for stem in ("rule", "rule")
    )
    first, second = Sharing().shared([one, two])
    assert one.rule is not two.rule
    assert first.rule is second.rule


@given(_findings)
def test_the_order_is_that_of_sorting(findings: list[Finding]) -> None:
    assert in_order([*findings]) == tuple(sorted(findings, key=lambda finding: finding.order))

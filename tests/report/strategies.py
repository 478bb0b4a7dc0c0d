"""Hostile reports: any text in any field."""

from __future__ import annotations

from hypothesis import strategies as st

from cavra_boundary.model import Finding, Introduced, Notice, Position, Receipt, Report, Severity, Skip, Span, Status

_HOSTILE = (
    "\x00\x07\x1b\x7f\x9b\r\n\t\u0301\u200b\u200f\u202e\u2028\u2066\ufeff\udce9\ud800\ue000\U000e0041 ab:/.%\\請👍"
)
_COMMANDS = (
    "%0A::error::x",
    "\n::error::x",
    "::stop-commands::x",
    "##[error]x",
    " ##vso[task.complete]x",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "]]>",
    "--></details>",
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "| cell | @someone | #1 |",
    "`x` ``y`` ```",
    "](https://example.com)",
    "![x](https://example.com/x.png) www.example.com https://example.com",
    "{0} {{",
    "'\"&quot;&#10;",
    "x" * 400,
)
hostile_text = st.text(st.sampled_from(_HOSTILE) | st.characters(exclude_categories=()), max_size=12) | st.builds(
    "".join, st.lists(st.sampled_from(_COMMANDS) | st.sampled_from(_HOSTILE), max_size=3)
)
hostile_paths = (st.binary(max_size=12) | hostile_text.map(lambda text: text.encode(errors="replace"))).map(
    lambda name: name.decode(errors="surrogateescape")
)
_counts = st.integers(0, 10**6)
_spans = st.tuples(st.integers(0, 15), st.integers(0, 15)).map(lambda bounds: Span(*sorted(bounds)))

hostile_findings = st.builds(
    Finding,
    rule=hostile_text,
    clause=hostile_text,
    severity=st.sampled_from(Severity),
    path=hostile_paths,
    position=st.builds(Position, _counts, _counts, _counts, _counts),
    message=hostile_text,
    remedy=hostile_text,
    snippet=hostile_text,
    caret=_spans,
    fingerprint=hostile_text,
    status=st.sampled_from(Status),
    reason=hostile_text,
    origin=hostile_text,
    via=st.lists(hostile_text, max_size=2).map(tuple),
    introduced=st.none() | st.builds(Introduced, hostile_text, hostile_text, st.booleans()),
    decided_at=hostile_text,
)


def hostile_reports() -> st.SearchStrategy[Report]:
    return st.builds(
        Report,
        findings=st.lists(hostile_findings, max_size=3).map(tuple),
        notices=st.lists(st.builds(Notice, hostile_paths, _counts, hostile_text), max_size=2).map(tuple),
        receipt=st.builds(
            Receipt,
            sources=st.lists(hostile_text, max_size=2).map(tuple),
            files=_counts,
            bytes=_counts,
            rules=_counts,
            packs_digest=hostile_text,
            excluded=_counts,
            skipped=st.lists(st.builds(Skip, hostile_paths, hostile_text, st.booleans()), max_size=2).map(tuple),
            seconds=st.integers(0, 10**9).map(lambda milliseconds: milliseconds / 1000),
            commits=_counts,
            reused=_counts,
            settled=_counts,
            choices=st.lists(hostile_text, max_size=2).map(tuple),
        ),
    )

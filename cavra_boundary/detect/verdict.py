"""What a validator says about a value: real, not real, or real in form but known to be harmless."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """The outcome of one check.

    lowered: why a confirmed value is only a note ("reserved example domain"); empty when it keeps the rule's severity.
    """

    confirmed: bool
    lowered: str = ""


CONFIRMED = Verdict(True)
REFUTED = Verdict(False)


def synthetic(why: str) -> Verdict:
    """Of the right form, but documented as made up; `why` names the document, never the value."""
    return Verdict(True, why)

"""What a validator says about a value: real, not real, or real in form but known to be harmless."""

from __future__ import annotations

from typing import NamedTuple


class Verdict(NamedTuple):
    """The outcome of one check.

    lowered: why a confirmed value weighs only a note ("reserved example domain"); empty when it has its full weight.
    """

    confirmed: bool
    lowered: str = ""


CONFIRMED = Verdict(True)
REFUTED = Verdict(False)


def synthetic(why: str) -> Verdict:
    """Of the right form, but documented as invented; `why` names the document, never the value."""
    return Verdict(True, why)

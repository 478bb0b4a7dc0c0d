"""Errors quote what strangers wrote, such as a configuration's keys and branch names: secrets in them are masked."""

from __future__ import annotations

from cavra_boundary.cache import Cache
from cavra_boundary.errors import BoundaryError
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.load import load_packs
from cavra_boundary.scan.scanner import Plan, Scanner


def concealed(text: str) -> str:
    """One message, with everything masked that a shipped rule finds in it."""
    try:
        rules = load_packs((), DEFAULT_MARKERS, Cache.of_user())
        # A short text is searched faster than the prefilter is loaded.
        plan = Plan.of_rules(rules.rules, rules.digest, Cache(None), prefilter=False)
        return Scanner(plan).concealed([text])[0]
    except BoundaryError:  # the shipped packs are broken, which is the error to be shown
        return text

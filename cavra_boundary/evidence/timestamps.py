"""Timestamps as in RFC 3339 (section 5.6), in the subset of regular expressions that JSON Schema shares.

A leap second is accepted in any minute, and a 31st in any month.
"""

from __future__ import annotations

_HOUR, _MINUTE = "(?:[01][0-9]|2[0-3])", "[0-5][0-9]"

DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
TIME = rf"{_HOUR}:{_MINUTE}:(?:{_MINUTE}|60)(?:\.[0-9]{{1,9}})?(?:Z|[+-]{_HOUR}:{_MINUTE})"
DATE_TIME = f"{DATE}T{TIME}"

"""Names for repository content that has no path of its own: messages, refs, notes, objects that only a tag names."""

from __future__ import annotations

import re

GIT = ".git/"
COMMITS, TAGS, REFS, NOTES, OBJECTS = (f"{GIT}{kind}/" for kind in ("commits", "tags", "refs", "notes", "objects"))
"""Path prefixes for repository content that has no path: no tracked file can be below `.git`."""

_WRITTEN = re.compile(rb"^(?:author|tagger) [^\n]*> ([0-9]{1,20} [+-][0-9]{4})$", re.MULTILINE)


def lasting(path: str, data: bytes) -> str:
    """A path for fingerprints of places: without an object's id, which a rebase changes and which depends on content.

    What tells commits and tags apart is when they were written; a rebase keeps the author's date. data: of the object.
    """
    if path.startswith(OBJECTS):
        return OBJECTS
    kind = next((kind for kind in (COMMITS, TAGS) if path.startswith(kind)), "")
    if not kind:
        return path
    written = _WRITTEN.search(data, 0, max(0, data.find(b"\n\n")))
    return kind + (written[1].decode() if written else "")

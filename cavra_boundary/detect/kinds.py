"""The kinds of rule that look at content and names, and their fields. Their matchers are next to this module."""

from __future__ import annotations

from typing import NamedTuple

from cavra_boundary.globs import Globs
from cavra_boundary.model import Rule


class Near(NamedTuple):
    """Another pattern that must match within this many lines or bytes of a secret, on either side."""

    pattern: str
    lines: int | None = None
    bytes: int | None = None


class TextRule(Rule):
    """A pattern over bytes with a group named `secret`, and the checks that must confirm it."""

    pattern: str
    keywords: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    near: Near | None = None
    allow: tuple[str, ...] = ()


class CredentialRule(Rule):
    """A value with names that speak of it, wherever and however a file writes them.

    value: its shapes (see `shapes.shape_pattern`), `generated` for what nobody would write by hand, or `password`.
    of: words of its provider, folded (see `names.fold`), one of which must be near: in a name, up to `lines` lines off,
    or in the name of the file or its folder; with `lines = 0`, in a name.
    names: phrases, folded, one of which its name must have; if empty, any name that means a credential will do.
    source: where the provider documents the shape.
    """

    value: tuple[str, ...]
    of: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    lines: int = 3
    source: str = ""


class Field(NamedTuple):
    """One field of a record rule: any of `keys` (see `fold_key`) with a value of a kind, or one that a pattern matches.

    Exactly one of `value` and `pattern` is set.
    """

    keys: tuple[str, ...]
    value: str = ""
    pattern: str = ""
    required: bool = False


class RecordRule(Rule):
    """A structured record: at least this many of these fields, and kinds of concrete fact, in one object."""

    fields: tuple[Field, ...]
    at_least: int
    kinds: int = 2
    keywords: tuple[str, ...] = ()


class PathRule(Rule):
    """A file name or path that is itself forbidden."""

    globs: Globs
    contains: str = ""
    unless: str = ""
    min_bytes: int = 1


class ContentRule(Rule):
    """Bytes of a type recognized by magic number, anywhere or under forbidden names (`globs`)."""

    types: tuple[str, ...]
    globs: Globs = Globs()

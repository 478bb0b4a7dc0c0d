"""The tool's terms as frozen types. No I/O, no policy, no imports from the package but `globs`.

Data flow: a `Blob` is one window of one file's bytes; a `View` is a decoded layer of it; a `Match` is a rule's hit
inside a view, before policy; a `Finding` is a match after policy, redacted and ready to be shown; a `Receipt` says what
was covered; a `Report` is findings and receipt.
"""

# No `from __future__ import annotations`: with it, a named tuple takes twice as long to define.
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Never, Self, dataclass_transform

from cavra_boundary.globs import Globs


class Severity(IntEnum):
    """How severe a rule's match is. Errors and warnings stop a commit by default, notes do not."""

    NOTE = 1
    WARNING = 2
    ERROR = 3

    @property
    def label(self) -> str:
        return self.name.lower()

    @classmethod
    def of(cls, label: str) -> Self:
        """The severity with this label; KeyError for an unknown one."""
        return cls[label.upper()]

    def less(self, steps: int) -> Self:
        """So many steps less severe, but at least a note."""
        return type(self)(max(1, self - steps))


class Status(StrEnum):
    """What policy decided about a match."""

    REPORTED = "reported"
    SUPPRESSED = "suppressed"
    BASELINED = "baselined"


class Span(NamedTuple):
    """A half-open range of bytes."""

    start: int
    end: int


class Secret:
    """Bytes that must not be shown. `str` and `repr` are redacted; only `reveal` gives the value.

    Validators and fingerprinting are the only callers of `reveal`.
    """

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = value

    def reveal(self) -> bytes:
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Secret(<{len(self._value)} bytes>)"

    def __reduce__(self) -> str:
        raise TypeError("a Secret stays in the process that read it")


class Clause(NamedTuple):
    """One thing the boundary forbids, and where that is written."""

    id: str
    title: str
    covers: str
    instead: str
    written_in: str


PERSONAL = frozenset(
    (
        *("payment-data", "billing-record", "contract", "customer-record", "customer-health", "support-ticket"),
        *("crm-payload", "evidence-payload"),
    )
)
"""Clauses about people and companies. Their values are never unguessable, even if they look so: a digest of an address
does. Nor is anything shown of what stands beside them."""


@dataclass_transform(kw_only_default=True, frozen_default=True)
class _Fields:
    """Base of types that are written like dataclasses, inherit fields, and cost nothing to define.

    An instance holds the fields that were given; the others are the class's defaults. A real dataclass adds two
    milliseconds to every start of the tool, and a named tuple cannot inherit.
    """

    _known: ClassVar[frozenset[str]] = frozenset()
    _required: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls) -> None:
        own = [name for name in vars(cls).get("__annotations__", ()) if not name.startswith("_")]
        cls._known = cls._known.union(own)
        cls._required = cls._required.union(name for name in own if not hasattr(cls, name))

    if not TYPE_CHECKING:  # type checkers derive it from the fields

        def __init__(self, **given):
            self._check(given.keys())
            self.__dict__.update(given)

    @classmethod
    def _check(cls, names: AbstractSet[str]) -> None:
        if not cls._required <= names <= cls._known:
            wrong = sorted((cls._required - names) | (names - cls._known))
            raise TypeError(f"{cls.__name__}: missing or unknown: {', '.join(wrong)}")

    @classmethod
    def alike(cls, names: Sequence[str], rows: Iterable[Iterable[object]]) -> Iterator[Self]:
        """One instance for each row of values of these fields, whose names are checked once; TypeError as always."""
        cls._check(set(names))
        for row in rows:
            made = object.__new__(cls)
            made.__dict__.update(zip(names, row, strict=True))
            yield made

    def __setattr__(self, name: str, _value: object = None) -> Never:
        raise AttributeError(f"{type(self).__name__}.{name} cannot be changed")

    __delattr__ = __setattr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Fields) and type(other) is type(self) and other.given == self.given

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def replaced(self, **changes: object) -> Self:
        """A copy with some fields changed. TypeError for a field that there is not."""
        return type(self)(**{**vars(self), **changes})

    @property
    def given(self) -> dict[str, Any]:
        """The fields that differ from their defaults."""
        kind, unset = type(self), object()
        return {name: value for name, value in vars(self).items() if getattr(kind, name, unset) != value}


class Rule(_Fields):
    """One detectable thing: what all kinds of rule have in common. Each kind adds fields of its own.

    id: `pack.name`. paths, skip_paths: the rule runs only on these files, never on those.
    generic: the rule gives way to any other that matches the same bytes.
    """

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False

    def __hash__(self) -> int:
        return hash(self.id)

    @property
    def sought(self) -> tuple[object, ...]:
        """What the rule looks for, and where: everything but how it reports its matches."""
        return type(self).__name__, *sorted(item for item in self.given.items() if item[0] not in _WORDS)

    def severity_under(self, overrides: Mapping[str, Severity]) -> Severity:
        """Its severity, given overrides by rule id or clause."""
        return overrides.get(self.id, overrides.get(self.clause, self.severity))

    def runs_on(self, path: str) -> bool:
        """Whether its path filters let it run on a file."""
        return (not self.paths.patterns or self.paths.match(path)) and not self.skip_paths.match(path)


_WORDS = frozenset({"clause", "severity", "title", "why", "remedy"})


class Trigger(NamedTuple):
    """A pattern that a scan looks for besides the packs' rules: where it matches, a decoder or parser is worth trying.

    keywords: as in a text rule, every match contains at least one of these words, in any case.
    """

    id: str
    pattern: str
    keywords: tuple[str, ...]


def fold_key(key: str) -> str:
    """A field's name without case and separators, as record rules compare them: `invoice-Number` -> `invoicenumber`."""
    return "".join(filter(str.isalnum, key)).lower()


class Position(NamedTuple):
    """Where a finding is: 1-based lines and columns, columns in Unicode code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Blob(NamedTuple):
    """One window of one file's bytes.

    Most files are one window. A large one is read in overlapping windows; each owns the matches that start in its
    `core`, so every match is found once, as if the file had been read whole.

    path: relative to the scan's root, POSIX separators, undecodable bytes as surrogate escapes.
    data: the window's bytes, margins included.
    core: the range of `data` this window owns.
    offset, line, column: where `data[0]` is in the file (0-based byte, 1-based line and code point column).
    head: the file's first bytes, when the window is not the first (a CSV's header is needed to read its rows).
    origin: which source it came from ("worktree", "stdin", …).
    """

    path: str
    data: bytes
    core: Span
    offset: int = 0
    line: int = 1
    column: int = 1
    head: bytes = b""
    origin: str = "worktree"

    @classmethod
    def whole(cls, path: str, data: bytes, origin: str = "worktree") -> Self:
        return cls(path, data, Span(0, len(data)), origin=origin)


class View(NamedTuple):
    """A layer of a blob as UTF-8 (or ASCII-compatible) bytes, and how to map it back.

    via: the decoders passed through, outermost first; () for the blob's own bytes.
    to_blob: maps an offset in `data` to an offset in the blob's window; None where they are the same.
    """

    blob: Blob
    data: bytes
    via: tuple[str, ...] = ()
    to_blob: Callable[[int], int] | None = None


class Match(NamedTuple):
    """A rule's hit inside a view, before policy.

    span: what to point at. value: what identifies it.
    redact: every range of the view that must not be shown; public: how many leading bytes of each may be.
    detail: about this match in particular, made of the rule's own vocabulary only, never of file content.
    lowered: why the match is only a note ("reserved e-mail domain"); empty if it keeps its rule's severity.
    doubts: why it is less certain than its rule's severity says, which is one step less for each.
    via: layers inside the view (a JSON string, …) in which the match was found.
    names: in the rule's vocabulary, the fields that a record has; empty if it is not a record.
    bounded: whether what follows those ranges is known not to belong to them.
    around: for a record's match, the whole record in the view; keys: the words that its keys consist of.
    """

    rule: str
    span: Span
    value: Secret
    redact: tuple[Span, ...]
    public: int = 0
    detail: str = ""
    lowered: str = ""
    via: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    bounded: bool = False
    around: Span | None = None
    keys: frozenset[bytes] = frozenset()
    doubts: tuple[str, ...] = ()


FINGERPRINT_PATTERN = "(?:[pv]2-[0-9a-f]{16}|[0-9a-f]{4}-[0-9a-f]{6})"
"""A finding's name, which nobody has to hide. The second form is that of version 1, which is only read."""


class Introduced(NamedTuple):
    """The commit that introduced a finding, if the source knows commits.

    commit: its full id. date: the author's, in ISO 8601 with its offset. at_tip: whether a tip of what was scanned
    (a branch, a tag, the end of a range) still has the content at this path.
    """

    commit: str
    date: str
    at_tip: bool


POLICY = "policy"
"""The origin of findings about the policy itself."""


class Finding(NamedTuple):
    """A match after policy. Everything in it may be printed, except `identity`, which no report has.

    reason: why it has this status, or is less severe than its rule; may be empty. decided_at: where the allow or the
    baseline that gave it its status is, as path:line or path; empty if nothing did.
    renamed: the fingerprint of version 1 by which that allow or baseline names it, if it does.
    identity: the same for the same value under the same rule within one run, different in every other run.
    """

    rule: str
    clause: str
    severity: Severity
    path: str
    position: Position
    message: str
    remedy: str
    snippet: str
    caret: Span
    fingerprint: str
    status: Status
    reason: str
    origin: str
    via: tuple[str, ...]
    introduced: Introduced | None = None
    decided_at: str = ""
    renamed: str = ""
    identity: str = ""

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sorts findings into the order every report uses."""
        return (self.path, self.position.line, self.position.column, self.rule, self.fingerprint)

    @property
    def place(self) -> str:
        """Where it is, as path:line:column."""
        return f"{self.path}:{self.position.line}:{self.position.column}"

    def fails(self, fail_on: Severity) -> bool:
        """Whether it fails a run that fails on findings of this severity.

        What weakens the policy fails whatever `fail-on` says, unless the policy that judges it makes it a note.
        """
        if self.origin == POLICY:
            return self.status is Status.REPORTED and self.severity > Severity.NOTE
        return self.status is Status.REPORTED and self.severity >= fail_on


class Skip(NamedTuple):
    """Something that was not scanned. `incomplete` when it was asked for and could not be read."""

    path: str
    reason: str
    incomplete: bool = False


class Notice(NamedTuple):
    """Something about the policy itself that a maintainer should know: an allow that is unused, expired or void."""

    path: str
    line: int
    message: str


class Receipt(NamedTuple):
    """What was covered.

    commits: those whose content and messages were scanned. reused: files not read again, since the cache knows that
    they are clean. settled: commits whose files are not even counted, since it knows that all they added is clean.
    choices: what the user chose that makes the run cover less ("--allow-shallow: …").
    """

    sources: tuple[str, ...]
    files: int
    bytes: int
    rules: int
    packs_digest: str
    excluded: int
    skipped: tuple[Skip, ...]
    seconds: float
    commits: int = 0
    reused: int = 0
    choices: tuple[str, ...] = ()
    settled: int = 0

    @property
    def complete(self) -> bool:
        return not any(skip.incomplete for skip in self.skipped)


class Report(NamedTuple):
    """Everything a run reports."""

    findings: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    receipt: Receipt


class Allow(NamedTuple):
    """An exception to one rule, as written in the configuration.

    path: a glob in .gitignore syntax; value: a fingerprint. Either may be empty, meaning any; never both.
    reason: if empty, the allow is void. expires: the last day it is in effect.
    line: its line in the configuration.
    """

    rule: str
    path: str
    value: str
    reason: str
    owner: str
    expires: date | None
    line: int

    def is_over(self, today: date) -> bool:
        """Whether it has expired."""
        return self.expires is not None and self.expires < today

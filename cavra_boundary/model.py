"""The words of the tool as frozen types. No I/O, no policy, no imports from the rest of the package.

The way of the data: a `Blob` is one window of one file's bytes; a `View` is a decoded layer of it; a `Match` is a
rule's hit inside a view, before policy; a `Finding` is a match after policy, redacted and ready to be shown; a
`Receipt` says what was covered; a `Report` is findings and receipt.
"""

# Without `from __future__ import annotations`, under which a named tuple takes twice as long to define.
import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import IntEnum, StrEnum
from functools import cache
from hashlib import blake2b
from typing import NamedTuple, Self


class Severity(IntEnum):
    """How much a rule's match weighs. Errors and warnings stop a commit by default, notes do not."""

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


FINGERPRINT_PATTERN = "[0-9a-f]{4}-[0-9a-f]{6}"


def fingerprint(rule: str, secret: Secret) -> str:
    """A name for "this value under this rule" that may stand in a public file, such as `3fa1-09bd2c`.

    It survives moved lines and renamed files. Only 24 bits come from the value: a card or phone number, whose whole
    space can be enumerated in seconds, keeps dozens to hundreds of equally good preimages, while an allow for
    one value still has one chance in sixteen million to hide another. The first four digits tell rules apart.
    """
    key = rule.encode()
    rule_part = blake2b(key, digest_size=2, person=b"cavra-rule").hexdigest()
    value_part = blake2b(secret.reveal(), digest_size=3, key=key[:64], person=b"cavra-value").hexdigest()
    return f"{rule_part}-{value_part}"


class Clause(NamedTuple):
    """One thing the boundary forbids, and where that is written."""

    id: str
    title: str
    covers: str
    instead: str
    written_in: str


class Globs(NamedTuple):
    """Patterns in .gitignore syntax, and the regular expression that any of them makes (see `globs.translate`)."""

    patterns: tuple[str, ...] = ()
    regex: str = ""

    def match(self, path: str) -> bool:
        """Whether `path` (POSIX, relative to the root) is one of these, or lies below one; False without patterns."""
        return bool(self.patterns) and _compiled(self.regex).search(path) is not None


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    # A name may hold line feeds, of which `.` and `$` would make something special.
    return re.compile(regex.replace("|$)", r"|\Z)"), re.DOTALL)


class Near(NamedTuple):
    """Another pattern that must match within so many lines or bytes of a secret, on either side."""

    pattern: str
    lines: int | None = None
    bytes: int | None = None


class TextRule(NamedTuple):
    """A pattern over bytes with a group named `secret`, and what must confirm it."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    pattern: str
    keywords: tuple[str, ...] = ()
    validators: tuple[str, ...] = ()
    entropy: float = 0.0
    near: Near | None = None
    allow: tuple[str, ...] = ()
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False


class Field(NamedTuple):
    """One field of a record rule: any of `keys` (see `fold_key`) with a value of a kind, or one that a pattern matches.

    Exactly one of `value` and `pattern` is not empty.
    """

    keys: tuple[str, ...]
    value: str = ""
    pattern: str = ""
    required: bool = False


class RecordRule(NamedTuple):
    """A structured record: so many of these fields, with so many kinds of concrete fact, in one object."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    fields: tuple[Field, ...]
    at_least: int
    kinds: int = 2
    keywords: tuple[str, ...] = ()
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False


class PathRule(NamedTuple):
    """A name or place that is itself forbidden."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    globs: Globs
    contains: str = ""
    unless: str = ""
    min_bytes: int = 1
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False


class ContentRule(NamedTuple):
    """Bytes of a type recognised by magic number, anywhere or under forbidden names (`globs`)."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    types: tuple[str, ...]
    globs: Globs = Globs()
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False


class PolicyRule(NamedTuple):
    """A way in which a policy can be weaker than another; its name is the `kind` of a `weakening.Weakness`."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False


class EvidenceRule(NamedTuple):
    """Something that is wrong with an evidence packet: the check that its name is (see `evidence.CHECKS`)."""

    id: str
    clause: str
    severity: Severity
    title: str
    why: str
    remedy: str
    paths: Globs = Globs()
    skip_paths: Globs = Globs()
    generic: bool = False

    @property
    def check(self) -> str:
        return self.id.rpartition(".")[2]


Rule = TextRule | RecordRule | PathRule | ContentRule | PolicyRule | EvidenceRule
"""One detectable thing. What all kinds have in common:

id: `pack.name`. paths, skip_paths: the rule runs only on these files, never on those.
generic: the rule gives way where another one matches the same bytes.
"""

WORDS = frozenset({"clause", "severity", "title", "why", "remedy"})
"""The fields in which a rule speaks of its matches. They have no part in whether there are any."""


def weight(rule: Rule, severity: Mapping[str, Severity]) -> Severity:
    """What a rule's matches weigh where some ids of rules and clauses have a severity of their own."""
    return severity.get(rule.id, severity.get(rule.clause, rule.severity))


def runs_on(rule: Rule, path: str) -> bool:
    """Whether a rule's path filters let it run on a file."""
    return (not rule.paths.patterns or rule.paths.match(path)) and not rule.skip_paths.match(path)


def fold_key(key: str) -> str:
    """A field's name without case and separators, as record rules compare them: `invoice-Number` -> `invoicenumber`."""
    return "".join(filter(str.isalnum, key)).lower()


class Position(NamedTuple):
    """Where a finding stands: 1-based lines and columns, columns in Unicode code points, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Blob(NamedTuple):
    """One window of one file's bytes.

    Most files are one window. A large one is read in windows that overlap; each owns the matches that start in its
    `core`, so that every match is found once and as if the file had been read whole.

    path: relative to the scan's root, POSIX separators, undecodable bytes as surrogate escapes.
    data: the window's bytes, margins included.
    core: the range of `data` this window owns.
    offset, line, column: where `data[0]` stands in the file (0-based byte, 1-based line and code point column).
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
    """A layer of a blob as UTF-8 (or ASCII-compatible) bytes, and how to come back from it.

    via: the decoders passed through, outermost first; () for the blob's own bytes.
    to_blob: maps an offset in `data` to an offset in the blob's window; None where they are the same.
    """

    blob: Blob
    data: bytes
    via: tuple[str, ...] = ()
    to_blob: Callable[[int], int] | None = None


class Match(NamedTuple):
    """A rule's hit inside a view, before policy.

    span: what to point at. value: what makes it this finding and no other (it names the fingerprint).
    redact: every range of the view that must not be shown; public: how many leading bytes of each may be.
    detail: words about this match in particular, made of the rule's own vocabulary only, never of file content.
    lowered: why the match weighs only a note ("reserved e-mail domain"); empty when it has its rule's full weight.
    via: layers inside the view (a JSON string, …) in which the match was found.
    """

    rule: str
    span: Span
    value: Secret
    redact: tuple[Span, ...]
    public: int = 0
    detail: str = ""
    lowered: str = ""
    via: tuple[str, ...] = ()


class Introduced(NamedTuple):
    """The commit that brought a finding in, where a source knows commits.

    commit: its full id. date: the author's, in ISO 8601 with its offset. at_tip: whether a tip of what was scanned
    (a branch, a tag, the end of a range) still holds the content at this path.
    """

    commit: str
    date: str
    at_tip: bool


class Finding(NamedTuple):
    """A match after policy. Holds nothing that may not be printed.

    reason: why it has this status, or why it weighs less than its rule; may be empty. decided_at: where the allow or
    the baseline stands that gave it its status, as path:line or path; empty when nothing did.
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

    @property
    def order(self) -> tuple[str, int, int, str, str]:
        """Sorts findings into the order every report uses."""
        return (self.path, self.position.line, self.position.column, self.rule, self.fingerprint)

    @property
    def place(self) -> str:
        """Where it stands, as path:line:column."""
        return f"{self.path}:{self.position.line}:{self.position.column}"

    def fails(self, fail_on: Severity) -> bool:
        """Whether it stops a run that fails on findings of this weight."""
        return self.status is Status.REPORTED and self.severity >= fail_on


class Skip(NamedTuple):
    """Something that was not scanned. `incomplete` when it was asked for and could not be read."""

    path: str
    reason: str
    incomplete: bool = False


class Notice(NamedTuple):
    """Something about the policy itself that a maintainer should know: an allow that is unused, expired, void."""

    path: str
    line: int
    message: str


class Receipt(NamedTuple):
    """What was covered.

    commits: those whose content and messages were scanned. reused: files not read again, since the cache knows that
    their bytes bear nothing. settled: commits whose files are not even counted, since it knows that of all they brought
    in. choices: what the user chose that makes the run cover less ("--allow-shallow: …").
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
    """Everything a run has to say."""

    findings: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    receipt: Receipt


class Allow(NamedTuple):
    """An exception to one rule, as the configuration writes it.

    path: a glob in .gitignore syntax; value: a `fingerprint`. Either may be empty, meaning any; never both.
    reason: one that is empty makes the allow void. expires: the last day on which it counts.
    line: where in the configuration it is written.
    """

    rule: str
    path: str
    value: str
    reason: str
    owner: str
    expires: date | None
    line: int

    def is_over(self, today: date) -> bool:
        """Whether its end has passed."""
        return self.expires is not None and self.expires < today

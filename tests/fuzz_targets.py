"""What a fuzzer feeds with bytes: everything that reads what strangers wrote, each as a function of bytes.

A target returns what it would print. It may raise `BoundaryError`, which the command line prints as one line; any other
exception is a defect, and so is a planted secret in what is printed. The seeds are made at run time.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from support import PACK, pin, token

from cavra_boundary.cache import Cache
from cavra_boundary.decode import Budget, unpack, views
from cavra_boundary.errors import BoundaryError, ExitCode
from cavra_boundary.evidence import document
from cavra_boundary.evidence.fixtures import packets
from cavra_boundary.git import hooks, listing, process
from cavra_boundary.model import Blob, Receipt, Report, Severity
from cavra_boundary.policy import settings
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.policy.pack_check import made
from cavra_boundary.report import FORMATS as REPORTS
from cavra_boundary.report import json_report, renderer
from cavra_boundary.report.base import RenderContext
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.importing import gitleaks
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import parse_pack
from cavra_boundary.scan.scanner import Plan, Scanner
from cavra_boundary.structure import FORMATS, UnreadError, records
from cavra_boundary.triage import baseline

if TYPE_CHECKING:
    from collections.abc import Iterator

Target = Callable[[bytes], str]

PLANTED = token("planted")
_NAMES = ("a.json", "a.yaml", "a.csv", "a.xml", "a.toml", "a.sql", "a.md", "a.txt", "evidence/a.json")


_FOLDER = tempfile.TemporaryDirectory(prefix="cavra-fuzz-")


def _folder() -> Path:
    return Path(_FOLDER.name)


def _file(name: str, data: bytes) -> Path:
    file = _folder() / name
    file.write_bytes(data)
    return file


@cache
def _scanner() -> Scanner:
    rules = load_packs([_file("demo.toml", PACK.encode())], DEFAULT_MARKERS, Cache.of_user())
    return Scanner(Plan.of_rules(rules.rules, rules.digest, Cache.of_user()))


def scan(data: bytes) -> str:
    """A file with a secret in its middle, under a name that the bytes choose."""
    middle = len(data) // 2
    content = data[:middle] + f"\n{PLANTED}\n".encode() + data[middle:]
    part = _scanner().blob(Blob.whole(_NAMES[sum(data[:8]) % len(_NAMES)], content))
    return repr((part.triaged, part.skipped))


def decode(data: bytes) -> str:
    blob = Blob.whole("a.bin", data)
    for view in views(blob):
        if view.to_blob:
            places = [view.to_blob(offset) for offset in range(0, len(view.data) + 1, 1 + len(view.data) // 8)]
            assert places == sorted(places), "offsets keep their order"
    return str(sum(len(layer.view.data) for layer in unpack(blob, Budget())))


def structure(data: bytes) -> str:
    for name, read in FORMATS.items():
        with suppress(UnreadError):
            for record in read(data, b""):
                assert all(0 <= leaf.start <= leaf.end <= len(data) for leaf in record.own), name
    with suppress(UnreadError):
        list(records(data, _NAMES[len(data) % len(_NAMES)]))
    return ""


def pack(data: bytes) -> str:
    return parse_pack(Path("fuzzed.toml"), data, DEFAULT_MARKERS).name


def configuration(data: bytes) -> str:
    file = _file(".cavra-boundary.toml", data)
    return str(settings.load(_folder(), file, {}).fail_on)


def baselines(data: bytes) -> str:
    return baseline.render(baseline.parse(data, "baseline.json"))


def stored_report(data: bytes) -> str:
    stored = json_report.load(data, "report.json")
    context = RenderContext(
        version=stored.version,
        clauses=stored.clauses,
        rules=stored.rules,
        exit_code=stored.exit_code,
        fail_on=stored.fail_on,
        finished=stored.finished,
        root=_folder(),
        cwd=_folder(),
    )
    return "".join(renderer(name)(stored.report, context) for name in REPORTS)


def gitleaks_rules(data: bytes) -> str:
    found = gitleaks.convert(_file("gitleaks.toml", data), name="imported", clause="registry-token", severity="error")
    return str(len(found.text))


def evidence(data: bytes) -> str:
    for name in ("a.json", "a.yaml"):
        found = document.read(data, name)
        if isinstance(found, document.Document):
            list(packets(found.root))
    return ""


def git_listings(data: bytes) -> str:
    with suppress(BoundaryError):
        list(listing.raw_items(process.fields([data])))
    with suppress(BoundaryError):
        list(listing.staged(process.fields([data])))
    with suppress(BoundaryError):
        hooks.push_of_git(data)
    return ""


TARGETS: dict[str, Target] = {
    "scan": scan,
    "decode": decode,
    "structure": structure,
    "pack": pack,
    "configuration": configuration,
    "baseline": baselines,
    "stored report": stored_report,
    "gitleaks rules": gitleaks_rules,
    "evidence": evidence,
    "git listings": git_listings,
}


def check(name: str, data: bytes) -> None:
    """Run a target. Any exception but BoundaryError gets out; AssertionError when it prints the planted secret."""
    try:
        printed = TARGETS[name](data)
    except BoundaryError as error:
        printed = str(error)
        assert "\n" not in printed, "one line"
    assert PLANTED[8:] not in printed


@cache
def seeds(name: str) -> list[bytes]:
    """What the target is meant to read; for content, what the rules' examples make."""
    if name in ("scan", "decode", "structure", "evidence"):
        return [*_examples(), *_encoded(), _PACKET]
    return {
        "pack": [PACK.encode(), *(file.read_bytes()[:20_000] for file in pack_files([shipped_folder()]))],
        "configuration": [_CONFIGURATION],
        "baseline": [_baseline()],
        "stored report": [_report()],
        "gitleaks rules": [_GITLEAKS],
        "git listings": [_RAW, b"refs/heads/a " + b"1" * 40 + b" refs/heads/a " + b"0" * 40 + b"\n"],
    }[name]


def _examples() -> Iterator[bytes]:
    """One example of every fifth rule."""
    number = 0
    for file in pack_files([shipped_folder()]):
        read = parse_pack(file, file.read_bytes(), DEFAULT_MARKERS, lint=False)
        for rule, examples in read.examples.items():
            number += 1
            if examples and number % 5 == 0:
                yield made(examples[0], f"{rule} fuzz").data


def _encoded() -> Iterator[bytes]:
    import base64
    import gzip

    text = f"key {token('seed')} demopin {pin('seed')}\n"
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        yield text.encode(encoding)
        yield b"# header\n" * 80 + text.encode(encoding)
    yield gzip.compress(text.encode()) + gzip.compress(text.encode("utf-16"))
    yield b"base64: " + base64.b64encode(gzip.compress(text.encode()))
    yield b"kind: Secret\ndata:\n  key: " + base64.b64encode(text.encode())


_PACKET = json.dumps(
    {"schema_version": "cavra.evidence.v1", "evidence_mode": "reference", "items": [{"ref": "evidence://case/1"}]}
).encode()
_CONFIGURATION = b"""
fail-on = "warning"
exclude = ["third_party/", "!third_party/ours"]
packs = []

[severity]
"demo.token" = "note"

[[allow]]
rule = "demo.token"
path = "tests/*"
reason = "made up"
expires = 2027-01-01
"""
_GITLEAKS = rb"""
title = "rules"
[[rules]]
id = "acme-token"
regex = '''(?i)acme_token\s*=\s*['"]([a-z0-9]{16})['"]'''
entropy = 3
keywords = ["acme_token"]
  [[rules.allowlists]]
  regexes = ["^0{16}$"]
  paths = ['''\.(?:md|rst)$''']
"""
_RAW = (b"1" * 40) + b"\0:100644 100644 " + b"2" * 40 + b" " + b"3" * 40 + b" M\0a/b.txt\0"


def _baseline() -> bytes:
    found = _scanner().blob(Blob.whole("a.txt", f"{token('seed')}\n".encode())).triaged.findings
    entries = [baseline.Entry(each.fingerprint, each.rule, baseline.Judgment.LEAK) for each in found]
    return baseline.render({entry.fingerprint: entry for entry in entries}).encode()


def _report() -> bytes:
    part = _scanner().blob(Blob.whole("a.txt", f"{token('seed')}\n".encode()))
    receipt = Receipt(("worktree",), 1, 1, 1, "digest", 0, tuple(part.skipped), 0.1)
    report = Report(tuple(part.triaged.findings), (), receipt)
    context = RenderContext(
        version="1",
        clauses={},
        rules={},
        exit_code=ExitCode.FINDINGS,
        fail_on=Severity.WARNING,
        finished=datetime(2026, 1, 1, tzinfo=UTC),
        root=_folder(),
        cwd=_folder(),
    )
    return json_report.render(report, context).encode()

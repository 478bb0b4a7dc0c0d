"""A scan always finds the same: with or without the prefilter, in one process or several, run twice."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.cache import Cache
from cavra_boundary.model import Blob, Span
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import read_pack
from cavra_boundary.rules.samples import expand
from cavra_boundary.scan import pipeline, workers
from cavra_boundary.scan.scanner import Plan, Scanner
from cavra_boundary.sources.worktree import WorkTreeSource

if TYPE_CHECKING:
    from pathlib import Path

    from support import Tool

    from cavra_boundary.model import Report
    from cavra_boundary.rules.model import Example, RuleSet

NOISE = [
    b"",
    b"\n",
    b" ",
    b"\0",
    b"\r\n",
    b"\xff\xfe",
    b'"',
    b"'",
    b"{",
    b"}]",
    b",",
    b"\\",
    b"# ",
    b"key: ",
    b"import os\n",
    b"lorem ipsum dolor sit amet " * 20,
    b"x" * 300,
    "é日𝄞".encode(),
    b"client_secret = ",
    b"password: ",
    b'- name: API_KEY\n  value: "',
    b"| token |\n|---|\n| ",
    b"<key>sig</key><string>",
    b" " * 158,
    b"# cavra-boundary: allow[registry-tokens.npm-access-token] " + b"because\n",
    b"-----BEGIN CERTIFICATE-----\n",
    b"INSERT INTO t (a, b, email) VALUES ",
    b"id,name,email,amount\n",
]


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    return load_packs([], DEFAULT_MARKERS, Cache.of_user())


@pytest.fixture(scope="module")
def snippets() -> list[tuple[str, bytes]]:
    """The examples and counterexamples of every shipped rule, with their paths; of alike rows, every 20th."""
    return [
        (example.path, _made_up(example, f"{rule} {number}"))
        for file in pack_files([shipped_folder()])
        for pack in [read_pack(file, DEFAULT_MARKERS, lint=False)]
        for of in (pack.examples, pack.counterexamples)
        for place, (rule, examples) in enumerate(of.items())
        if place % 20 == 0 or pack.places[rule][0] != "providers"
        for number, example in enumerate(examples)
    ]


def _made_up(example: Example, seed: str) -> bytes:
    try:
        return expand(example.data.decode(), seed).encode()
    except UnicodeDecodeError:
        return example.data


def plan(rules: RuleSet, *, prefilter: bool = True) -> Plan:
    return Plan.of_rules(rules.rules, rules.digest, Cache.of_user(), prefilter=prefilter)


def composed(snippets: list[tuple[str, bytes]], dice: random.Random) -> tuple[str, bytes]:
    """A file made of parts of other files, whole or cut at any byte, with noise between them."""
    path = dice.choice(snippets)[0]
    pieces = []
    for _ in range(dice.randint(1, 6)):
        piece = dice.choice(snippets)[1]
        cut = dice.choice((None, None, dice.randrange(len(piece) + 1)))
        pieces += [
            piece[:cut] if dice.random() < 0.5 else piece[len(piece) - (cut or len(piece)) :],
            dice.choice(NOISE),
        ]
        if dice.random() < 0.1:
            pieces[-2] = pieces[-2].upper() if dice.random() < 0.5 else pieces[-2].replace(b"\n", b"\r\n")
    return path, b"".join(pieces)


@pytest.fixture(scope="module")
def scanners(rules: RuleSet) -> tuple[Scanner, Scanner]:
    return Scanner(plan(rules)), Scanner(plan(rules, prefilter=False))


@settings(max_examples=120)
@given(dice=st.randoms(use_true_random=False))
def test_with_the_prefilter_and_without(
    scanners: tuple[Scanner, Scanner], snippets: list[tuple[str, bytes]], dice: random.Random
) -> None:
    path, data = composed(snippets, dice)
    size = len(data)
    window = dice.choice(
        (
            Blob.whole(path, data),
            Blob(path, data, Span(0, dice.randint(0, size))),
            Blob(path, data, Span(dice.randint(0, size), size), offset=4096, line=7, column=3, head=data[:100]),
        )
    )
    one, other = (scanner.blob(window) for scanner in scanners)
    assert one == other


@pytest.fixture
def tree(tool: Tool, snippets: list[tuple[str, bytes]]) -> Path:
    """Some files with findings, some without, one too large."""
    dice = random.Random(1)
    for number in range(40):
        path, data = composed(snippets, dice)
        tool.write(f"{number:02}/{path.lstrip('/')}", data)
    tool.write("large.bin", b"x" * 200_000)
    return tool.folder


def report(source: WorkTreeSource, rules: RuleSet, jobs: int, *, prefilter: bool = True) -> Report:
    return pipeline.scan(source, plan(rules, prefilter=prefilter), jobs=jobs)


def said(of: Report) -> tuple[object, ...]:
    """Everything in a report except the time it took."""
    receipt = of.receipt
    covered = (receipt.files, receipt.bytes, receipt.rules, receipt.packs_digest, receipt.excluded, receipt.skipped)
    return (of.findings, of.notices, receipt.sources, covered)


def test_in_any_number_of_processes(tree: Path, rules: RuleSet, monkeypatch: pytest.MonkeyPatch) -> None:
    source = WorkTreeSource(tree, (".",), (), True, 100_000)
    alone = report(source, rules, 1)
    assert alone.findings
    assert [skip.path for skip in alone.receipt.skipped] == ["large.bin"]
    monkeypatch.setattr(workers, "_WORTH_A_PROCESS", 1)
    for jobs, chunk in ((2, 64), (2, 3), (3, 1)):
        monkeypatch.setattr(workers, "CHUNK", chunk)
        assert said(report(source, rules, jobs)) == said(alone)
    assert said(report(source, rules, 1, prefilter=False)) == said(alone)


def test_twice_the_same_bytes(tree: Path, tool: Tool) -> None:
    first, second = (tool.run("scan", "--format", "json") for _ in range(2))
    assert json.loads(first.out)["findings"]
    lines = [
        [line for line in each.out.splitlines() if not line.lstrip().startswith(('"seconds"', '"finished"'))]
        for each in (first, second)
    ]
    assert lines[0] == lines[1]
    assert len(first.out.splitlines()) == len(lines[0]) + 2

r"""A token is found whatever touches it: escapes, colors, signs of patches, lengths of binary formats, words."""

from __future__ import annotations

import marshal
import pickle
import plistlib
import sqlite3
import time
from typing import TYPE_CHECKING

import pytest
from support import Tool, token

from cavra_boundary.cache import Cache
from cavra_boundary.detect.borders import borderless, loosest
from cavra_boundary.detect.engine import Detector
from cavra_boundary.detect.kinds import TextRule
from cavra_boundary.detect.text import text_matches
from cavra_boundary.model import Blob, View
from cavra_boundary.policy.options import DEFAULT_MARKERS
from cavra_boundary.rules.files import pack_files, shipped_folder
from cavra_boundary.rules.load import load_packs
from cavra_boundary.rules.read import read_pack
from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ESCAPES = (
    *(r"\n", r"\t", r"\r\n", r"\"", r"\\\"", r"\\n", r"\/", r"\u0022", r"\u003d", r"\\u0026", r"\x3d", r"\075"),
    *("%3D", "%22", "%3a", "%253D", "%25253D", "&quot;", "&amp;quot;", "&#34;", "&#x22;"),
    *("\x1b[32m", "\x1b[0;1;31m", r"\u001b[36m", r"\x1b[0m", r"\033[1m", r"\e[33m"),
    *("x\n-", "x\n+", "x\n+++ ", "x\n- "),
)


def shipped() -> dict[str, TextRule]:
    rules = load_packs([], DEFAULT_MARKERS, Cache.of_user()).rules
    return {rule.id: rule for rule in rules if isinstance(rule, TextRule)}


def values_of(rules: dict[str, TextRule]) -> Iterator[tuple[TextRule, bytes]]:
    """What the rules find in their first examples, where a rule needs no more than the value."""
    for file in pack_files([shipped_folder()]):
        for id_, examples in read_pack(file, DEFAULT_MARKERS, lint=False).examples.items():
            rule = rules.get(id_)
            free = borderless(rule.pattern) if rule else None
            if rule and free and free.left and not rule.near:
                data = expand(examples[0].data.decode(), id_).encode()
                for match in found(rule, data):
                    if found(rule, b'"' + match.value.reveal() + b'"'):
                        yield rule, match.value.reveal()
                        break


def found(rule: TextRule, data: bytes) -> list:  # type: ignore[type-arg]
    return list(text_matches(View(Blob.whole("a.txt", data), data), rule))


def test_every_token_that_speaks_for_itself_is_found_after_every_escape() -> None:
    missed = []
    tried = 0
    for rule, value in values_of(shipped()):
        for escape in ESCAPES:
            tried += 1
            data = b'"note ' + escape.encode() + value + b'"'
            start = data.index(value)
            if [match.value.reveal() for match in found(rule, data) if match.span.start == start] != [value]:
                missed.append((rule.id, escape))
    assert tried > 3000
    assert missed == []


@pytest.mark.parametrize("escape", ESCAPES)
def test_the_prefilter_lets_through_what_follows_an_escape(tool: Tool, escape: str) -> None:
    tool.write("a.txt", f"x {escape}{token('a')}\n")
    tool.write("b.txt", f"x {token('a')}\n")
    for flags in ((), ("--no-prefilter",)):
        one, other = tool.scan(*flags).findings("demo.token")
        assert (one["path"], other["path"]) == ("a.txt", "b.txt")
        assert one["fingerprint"] == other["fingerprint"]


def binaries(value: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    text = value.encode()
    size = bytes([len(text)])
    yield "protobuf", b"\x0a\x05admin\x12" + size + text + b"\x1a\x04prod"
    yield "a letter as the length", b"\x0a\x05admin\x12z" + text + b"\x1a\x04prod"
    yield "msgpack", b"\x82\xa4user\xa3svc\xa5token\xd9" + size + text
    yield "pickle", pickle.dumps({"user": "svc", "token": value})
    yield "marshal", marshal.dumps({"user": "svc", "token": value, "n": value + "x"})
    yield "bplist", plistlib.dumps({"Server": "https://example.com", "Token": value}, fmt=plistlib.FMT_BINARY)
    yield (
        "strings of a program",
        b"\x7fELF\x02\0\0\0" + b"unexpected EOFbad charset" + text + b"runtime error" + bytes(9),
    )
    connection = sqlite3.connect(folder / "a.db")
    connection.execute("create table t(owner text, token text, created text)")
    connection.execute("insert into t values(?, ?, ?)", ("ops", value, "2025-11-02"))
    connection.commit()
    connection.close()
    yield "sqlite", (folder / "a.db").read_bytes()


def test_a_token_in_binary_data_is_found_whatever_touches_it(tool: Tool, tmp_path: Path) -> None:
    made = dict(binaries(token("a"), tmp_path))
    for name, data in made.items():
        tool.write(f"{name}.bin", data)
    paths = {path for path, _, _ in tool.scan().places("demo.token")}
    assert paths == {f"{name}.bin" for name in made}


@pytest.mark.parametrize("seed", range(20))
def test_numbers_before_the_random_part_make_a_token_no_less_random(seed: int) -> None:
    """Such as the two of a bot's token in Slack, which take up half of it."""
    rule = shipped()["crm-payloads.slack-token"]
    bot = expand("prod_xo«»xb-«digits:12»-«digits:13»-«base62:26»", f"numbers {seed}").encode()
    assert [match.span for match in found(rule, bot + b" from")] == [(5, len(bot))]


@pytest.mark.parametrize("before", ["prod_", "prod-", "key", "x9"])
def test_a_word_may_touch_a_token_that_is_random(tool: Tool, before: str) -> None:
    tool.write("a.txt", f"restored {before}{token('a')} from the vault\n")
    assert len(tool.scan().places("demo.token")) == 1


@pytest.mark.parametrize(
    "text",
    ["a_demotok_getCustomerOperatingDas", "A" * 300 + "demotok_" + "A1b2" * 6, "x demotok_" + "a1B2c3D4" * 4],
)
def test_a_part_of_something_else_is_no_token(tool: Tool, text: str) -> None:
    tool.write("a.txt", text + "\n")
    assert tool.scan().places("demo.token") == []


def test_the_loosest_pattern_has_no_border_and_everything_else() -> None:
    assert loosest(r"(?i)(?<![\w.-])(?P<secret>ab_[a-z(]{9})(?![\w)-])") == "(?i)(?P<secret>ab_[a-z(]{9})"
    assert loosest(r"\b(?P<secret>ab_[a-z]{9})\b") == "(?P<secret>ab_[a-z]{9})"
    assert loosest(r"(?P<secret>ab_[a-z]{9})\b") == r"(?P<secret>ab_[a-z]{9})\b"
    assert loosest(r"\bname=(?P<secret>[a-z]{9})(?=;)") == "name=(?P<secret>[a-z]{9})(?=;)"


def test_without_borders_hostile_bytes_still_cost_linear_time() -> None:
    rules = list(shipped().values())
    detector = Detector(rules, "hostile", Cache.of_user())
    for unit in (b"eyJ", b"AKIA", b"%3DeyJ", rb"\neyJ", b"sk_live_", b"\n-", b"&amp;", b"\\", b"%25", b"\x1b[0m"):
        data = b"\0" + unit * (300_000 // len(unit))
        started = time.process_time()
        detected = detector.view_matches(View(Blob.whole("a.bin", data), data))
        assert not detected or not detected.cut_short
        assert time.process_time() - started < 5

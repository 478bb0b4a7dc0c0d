"""Any names, bytes and configurations: an exit code, no traceback, and no secret in any output."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support import PACK, Result, Tool, pin, token

from cavra_boundary.rules.samples import expand

if TYPE_CHECKING:
    from collections.abc import Iterator

SECRETS = {
    "token": token("fuzz").encode(),
    "other": token("other").encode(),
    "pin": pin("fuzz").encode(),
    "github": expand("«github-token»", "fuzz").encode(),
    "aws": expand("«aws-key-id»", "fuzz").encode(),
    "pem": expand("«pem»", "fuzz").encode(),
    "email": expand("«email»", "fuzz").encode(),
    "uuid": expand("«uuid»", "fuzz").encode(),
}
WHOLE = {
    "token": b" %s " % SECRETS["token"],
    "other": b"\n%s," % SECRETS["other"],
    "pin": b"demopin %s " % SECRETS["pin"],
    "github": b' "%s" ' % SECRETS["github"],
    "aws": b"\naws_access_key_id = %s\n" % SECRETS["aws"],
    "pem": b"\n%s\n" % SECRETS["pem"],
    "guest": b'{"demo_guest": "Ada Byron", "demo_email": "%s", "demo_room": "%s"}'
    % (SECRETS["email"], SECRETS["uuid"]),
}
"""Each as the rules find it, wherever it is."""

NOISE = st.one_of(
    st.binary(max_size=30),
    st.text(max_size=20).map(lambda text: text.encode(errors="surrogatepass")),
    st.sampled_from(
        [
            b"\n",
            b"\r\n",
            b"\0",
            b"\xff\xfe",
            b"# cavra-boundary: " + b"allow[demo.token] ",
            b"cavra-boundary: " + b"allow[demo.pin, demo.token@0000-000000]",
            b"{",
            b'"',
            b"- ",
            b"<a>",
            b"x" * 200,
            b"\x1b[31m",
            b"::error::",
        ]
    ),
)
CONTENT = st.lists(st.one_of(NOISE, st.sampled_from(sorted(WHOLE)).map(WHOLE.__getitem__)), max_size=8).map(b"".join)
NAMES = st.binary(min_size=1, max_size=20).map(lambda name: name.replace(b"/", b"_").replace(b"\0", b"0"))


@pytest.fixture(scope="module")
def fuzzed(pack: Path) -> Iterator[Tool]:
    with tempfile.TemporaryDirectory() as folder:
        yield Tool(Path(folder), pack)


def run(tool: Tool, files: dict[bytes, bytes], *arguments: str) -> list[Result]:
    for name, content in files.items():
        (tool.folder / os.fsdecode(name)).write_bytes(content)
    try:
        return [tool.scan(*arguments), tool.scan_text("--verbose", *arguments)]
    finally:
        for entry in tool.folder.iterdir():
            entry.unlink()


def check(results: list[Result], *, found: bool = False) -> None:
    for got in results:
        assert got.code in ((1,) if found else (0, 1, 2, 3))
        assert "Traceback" not in got.out + got.err
        assert "defect" not in got.out + got.err
        assert not any(character in got.out + got.err for character in "\x1b\u202e\0\x9b")
        if got.code == 2:
            assert got.err.count("\n") == 1


def hidden(results: list[Result], content: bytes) -> None:
    """No complete secret in the content is shown; a token's public prefix may be."""
    for name, secret in SECRETS.items():
        if secret not in content or name == "pem":
            continue
        shown = secret[8:] if name in ("token", "other") else secret[4:]
        for got in results:
            assert shown.decode() not in got.out + got.err, name


@settings(max_examples=60)
@given(content=CONTENT, name=NAMES)
@example(content=WHOLE["pin"] + b"# cavra-boundary: " + b"allow[demo.pin] " + WHOLE["token"], name=b"a.txt")
@example(content=b"\xff\xfe" + WHOLE["token"], name=b"\xff\n")
def test_any_bytes_under_any_name(fuzzed: Tool, content: bytes, name: bytes) -> None:
    if name in (b".", b"..", b".git", b".gitignore", b".cavra-boundary.toml", b"pyproject.toml"):
        name = b"a"
    certain = {secret for secret in ("token", "other") if re.search(rb"\b%s\b" % SECRETS[secret], content)}
    certain |= {"pin"} if b"demopin " + SECRETS["pin"] in content else set()
    results = run(fuzzed, {name: content})
    check(results)
    hidden(results, b" ".join(SECRETS[secret] for secret in certain))
    assert len(results[0].findings("demo.")) >= len(certain)


@settings(max_examples=8)
@given(order=st.permutations(sorted(WHOLE)), glue=st.sampled_from([b" ", b"\n", b" \t", b"\r\n", b" \xe9 ", b" # "]))
def test_all_secrets_in_any_order(fuzzed: Tool, order: list[str], glue: bytes) -> None:
    content = glue.join(WHOLE[name] for name in order)
    for arguments in ((), ("--only-rule", "demo.pin"), ("--only-clause", "registry-token")):
        results = run(fuzzed, {b"a.txt": content}, *arguments)
        check(results, found=True)
        hidden(results, content)
        body = SECRETS["pem"].decode().splitlines()[1:-1]
        assert not any(line in got.out for line in body for got in results)


@settings(max_examples=25)
@given(at=st.integers(0, sum(map(len, WHOLE.values()))), kept=st.booleans())
def test_cut_off_at_any_byte(fuzzed: Tool, at: int, kept: bool) -> None:
    content = b"\n".join(WHOLE.values())
    content = content[:at] if kept else content[at:]
    results = run(fuzzed, {b"a.txt": content})
    check(results)
    if kept:
        hidden(results, content[: content.rfind(b"\n") + 1])


LINES = st.sampled_from(
    [
        'exclude = ["*.md", "!a"]',
        'exclude = ["["]',
        "exclude = 7",
        'packs = ["../x"]',
        'packs = ["nowhere.toml"]',
        'skip-rules = ["demo.pin"]',
        'skip-rules = ["demo.pim"]',
        'fail-on = "note"',
        'fail-on = "never"',
        'max-file-size = "1"',
        "max-file-size = 99999999999999999999999999",
        "[severity]",
        'registry-token = "note"',
        '"demo.token" = "loud"',
        "[enterprise]",
        'packages = ["(", "*", ""]',
        'packages = ["a+b"]',
        "[[allow]]",
        'rule = "demo.token"',
        'path = "**"',
        'value = "0000-000000"',
        'reason = "because"',
        "expires = 2020-01-01",
        "expires = 0000-99-99",
        "[evidence]",
        "globs = []",
        "[tool.cavra-boundary]",
        "a.b.c.d = {e = [{}]}",
        "\x1b[31m = '\u202e'",
    ]
)
CONFIG = st.one_of(
    st.lists(LINES, max_size=6).map("\n".join),
    st.tuples(st.lists(LINES, max_size=5).map("\n".join), st.integers(0, 200)).map(lambda pair: pair[0][: pair[1]]),
    st.text(max_size=60),
).map(lambda text: text.encode(errors="surrogatepass"))


@settings(max_examples=50)
@given(config=CONFIG, name=st.sampled_from([b".cavra-boundary.toml", b"pyproject.toml"]))
@example(
    config=b"[[allow]]\nrule = 'demo.token'\npath = '**'\nreason = '" + WHOLE["pin"] + b"'",
    name=b".cavra-boundary.toml",
)
@example(config=b"\xff\xfe", name=b".cavra-boundary.toml")
@example(config=b"skip-rules = [" * 3000, name=b".cavra-boundary.toml")
def test_any_configuration(fuzzed: Tool, config: bytes, name: bytes) -> None:
    content = WHOLE["token"] + WHOLE["pin"]
    results = run(fuzzed, {name: config, b"a.txt": content})
    check(results)
    for got in results:
        assert SECRETS["token"][8:].decode() not in got.out + got.err


@settings(max_examples=8)
@given(data=st.data())
def test_any_pack(fuzzed: Tool, data: st.DataObject) -> None:
    """An untrusted pack may contain anything, but it cannot run anything or stop the tool."""
    start = data.draw(st.integers(0, len(PACK)))
    piece = data.draw(st.sampled_from(["", "[", '"', "(?:a+)+$", ".*", "«", "\\", "=", "\n[[rule]]\n", "{1,99999}"]))
    text = PACK[:start] + piece + PACK[start + data.draw(st.integers(0, 20)) :]
    fuzzed_pack = fuzzed.folder.parent / f"{fuzzed.folder.name}.toml"
    fuzzed_pack.write_text(text, encoding="utf-8")
    try:
        tool = Tool(fuzzed.folder, fuzzed_pack)
        check(run(tool, {b"a.txt": WHOLE["token"] + b"a" * 30 + WHOLE["pin"]}))
    finally:
        fuzzed_pack.unlink()

"""Whatever TOML says, reading it ends in a pack or in one clear error."""

from __future__ import annotations

import json
import tomllib
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import PACK, Tool

from cavra_boundary.errors import PackError
from cavra_boundary.rules.importing import gitleaks
from cavra_boundary.rules.read import parse_pack

_MARKERS: dict[str, tuple[str, ...]] = {}
_GITLEAKS = """
title = "ours"
[extend]
useDefault = true
[allowlist]
regexes = ["abc"]
paths = ["vendor/"]
stopwords = ["example"]
[[rules]]
id = "one"
description = "One"
regex = "abcdefgh([0-9]{9})"
path = "x/"
secretGroup = 1
entropy = 3.5
keywords = ["abcdefgh"]
skipReport = true
[[rules.allowlists]]
condition = "AND"
regexTarget = "match"
targetRules = ["one"]
regexes = ["abc"]
paths = ["vendor/"]
stopwords = ["example"]
commits = ["0123"]
"""
_odd = st.sampled_from(
    [0, 1, -1, 10**400, 5, 0.5, float("inf"), True, "", "x", "(", "\u202e", [], [5], ["("], [[]], [{}], {}, {"a": 1}]
)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return "inf" if value == float("inf") else json.dumps(value)


def _places(value: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        return [place for key, each in inner for place in ((*at, key), *_places(each, (*at, key)))]
    return []


def _changed(draw: st.DataObject, text: str) -> bytes:
    """The document with other values in one or two places."""
    table: Any = tomllib.loads(text)
    for _ in range(draw.draw(st.integers(1, 2))):
        *path, last = draw.draw(st.sampled_from(_places(table)))
        inside = table
        for key in path:
            inside = inside[key]
        inside[last] = deepcopy(draw.draw(_odd))
    return "\n".join(f"{json.dumps(key)} = {_toml(value)}" for key, value in table.items()).encode()


@given(st.data())
def test_a_pack(data: st.DataObject) -> None:
    try:
        parse_pack(Path("pack.toml"), _changed(data, PACK), _MARKERS)
    except PackError as error:
        assert "pack.toml" in error.where


@given(st.data())
def test_a_configuration_of_gitleaks(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    file = tmp_path_factory.getbasetemp() / "leaks.toml"
    file.write_bytes(_changed(data, _GITLEAKS))
    try:
        gitleaks.convert(file, name="imported", clause="tenant-secret", severity="warning")
    except PackError as error:
        assert "leaks.toml" in error.where


@pytest.mark.parametrize(
    ("command", "content", "said"),
    [
        (["rules", "check", "x.toml"], f"x = {'1' * 5000}", "x.toml: has a number with too many digits"),
        (["packs", "import", "x.toml"], f"x = {'1' * 5000}", "x.toml: has a number with too many digits"),
        (["scan", "--config", "x.toml", "."], f"x = {'1' * 5000}", "x.toml: has a number with too many digits"),
        (["packs", "import", "x.toml"], "[[rules]]\n[allowlist]\nregexes = 5", "x.toml:3: regexes is not a list"),
        (["packs", "import", "x.toml"], "[[rules]]\nid = 'a'\nregex = 'a{9}'\nkeywords = 5", "x.toml:4: keywords is"),
        (["rules", "check", "x.toml"], "name = 'a'\ntitle = 'b'\n[[rule]]\nkind = [1]", "x.toml:4: unknown kind [1]"),
    ],
)
def test_the_command_says_so_in_one_line(tool: Tool, command: list[str], content: str, said: str) -> None:
    tool.write("x.toml", content)
    got = tool.run(*command)
    assert (got.code, got.out) == (2, "")
    assert got.err.startswith(f"cavra-boundary: {said}")
    assert got.err.count("\n") == 1

"""Documents: nodes know their positions, documents with more than one meaning are refused, and nothing crashes."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.evidence.document import MAX_BYTES, Document, Node, Refusal, read

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(-1e9, 1e9).map(lambda value: round(value, 3))
    | st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("ab~/é ", max_size=4), inner, max_size=4),
    max_leaves=20,
)


def document(data: bytes, path: str = "packet.json") -> Document:
    found = read(data, path)
    assert isinstance(found, Document), found
    return found


def refusal(data: bytes, path: str = "packet.json") -> Refusal:
    found = read(data, path)
    assert isinstance(found, Refusal), found
    return found


def plain(node: Node) -> object:
    if node.kind == "object":
        return {member.key: plain(member.node) for member in node.members}
    return [plain(item) for item in node.items] if node.kind == "list" else node.value


def at(value: object, pointer: str) -> object:
    """The value that a pointer points at (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]  # type: ignore[index]
    return value


@given(value=VALUES, indent=st.sampled_from((None, 2)), ascii_only=st.booleans())
@settings(max_examples=100, deadline=None)
def test_json_means_what_the_standard_library_says_and_every_value_knows_its_place(
    value: object, indent: int | None, ascii_only: bool
) -> None:
    data = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    found = document(data)
    assert plain(found.root) == value
    for node in found.root.walk():
        assert json.loads(data[slice(*node.span)]) == at(value, node.pointer)
        for member in node.members:
            assert json.loads(data[slice(*member.span)]) == member.key


@given(value=st.dictionaries(st.text("abcd", min_size=1, max_size=4), VALUES, max_size=4))
@settings(max_examples=60, deadline=None)
def test_json_read_as_yaml_is_the_same_in_the_same_places(value: object) -> None:
    data = json.dumps(value, ensure_ascii=False).encode()
    as_json, as_yaml = document(data), read(data, "packet.yaml")
    if isinstance(as_yaml, Document):  # YAML does not allow every character
        assert plain(as_yaml.root) == value
        places = [(node.pointer, node.span) for node in as_yaml.root.walk()]
        assert places == [(node.pointer, node.span) for node in as_json.root.walk()]


def test_yaml_in_blocks_knows_its_places() -> None:
    data = "título: ú\nrefs:\n  - evidence://a   # why\n  - b: 'c'\n    d: >-\n      long\n      text\n".encode()
    found = {node.pointer: data[slice(*node.span)].decode() for node in document(data, "a.yaml").root.walk()}
    assert found["/título"] == "ú"
    assert found["/refs/0"] == "evidence://a"
    assert found["/refs/1/b"] == "'c'"
    assert found["/refs/1"].startswith("b: 'c'")
    assert found["/refs"].startswith("- evidence://a")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("0777", "0777"),
        ("12:30", "12:30"),
        ("2026-07-01", "2026-07-01"),
        ("~", None),
        ("12", 12),
        ("1.5", 1.5),
        ("True", True),
        ("'12'", "12"),
        ("0x1f", "0x1f"),
    ],
)
def test_plain_yaml_is_read_by_the_core_schema(text: str, value: object) -> None:
    assert plain(document(f"a: {text}\n".encode(), "a.yml").root) == {"a": value}


def test_a_byte_order_mark_is_no_content() -> None:
    for path, text in (("a.json", '{"a": 1}'), ("a.yaml", "a: 1")):
        data = b"\xef\xbb\xbf" + text.encode()
        found = document(data, path)
        assert plain(found.root) == {"a": 1}
        assert data[slice(*found.root.members[0].node.span)] == b"1"


@pytest.mark.parametrize(
    ("path", "text", "check", "pointed"),
    [
        ("a.json", '{"a": 1, "a": 2}', "ambiguous", '"a"'),
        ("a.json", '{"a": 1, "\\u0061": 2}', "ambiguous", '"\\u0061"'),
        ("a.json", '{"a": NaN}', "syntax", "NaN"),
        ("a.json", '{"a": -Infinity}', "syntax", "-Infinity"),
        ("a.json", '{"a": 1e999}', "syntax", "1e999"),
        ("a.json", '{"a": 01}', "syntax", "0"),
        ("a.json", '{"a": 1,}', "syntax", "}"),
        ("a.json", "{'a': 1}", "syntax", "'"),
        ("a.json", '{"a": 1} // why', "syntax", "/"),
        ("a.json", '{"a": "\\ud800"}', "syntax", '"\\ud800"'),
        ("a.json", '{"a": "\t"}', "syntax", '"'),
        ("a.json", "", "syntax", ""),
        ("a.json", '{"a": ' + "9" * 41 + "}", "oversized", "9" * 41),
        ("a.json", '{"' + "k" * 201 + '": 1}', "oversized", '"' + "k" * 201 + '"'),
        ("a.json", "[" * 33 + "]" * 33, "oversized", "["),
        ("a.json", "[" + "1," * 20_001 + "1]", "oversized", "1"),
        ("a.yaml", "a: 1\na: 2", "ambiguous", "a"),
        ("a.yaml", "a: &x 1", "ambiguous", "&x 1"),
        ("a.yaml", "a: *x", "ambiguous", "*x"),
        ("a.yaml", "a: !!str 1", "ambiguous", "!!str 1"),
        ("a.yaml", "a: !secret b", "ambiguous", "!secret b"),
        ("a.yaml", "<<: {a: 1}", "ambiguous", "<<"),
        ("a.yaml", "%YAML 1.1\n---\na: 1", "ambiguous", "%YAML 1.1\n---"),
        ("a.yaml", "a: .nan", "syntax", ".nan"),
        ("a.yaml", "a: -.inf", "syntax", "-.inf"),
        ("a.yaml", "---\na: 1\n---\nb: 2", "syntax", "---"),
        ("a.yaml", "? [a]\n: b", "syntax", "["),
        ("a.yaml", "a: b: c", "syntax", ""),
        ("a.yaml", "# nothing", "syntax", ""),
        ("a.yaml", "a: \x00", "syntax", ""),
        ("a.yaml", "{a: " * 33, "oversized", "{"),
    ],
)
def test_what_has_no_single_meaning_is_refused_where_it_stands(path: str, text: str, check: str, pointed: str) -> None:
    found = refusal(text.encode(), path)
    assert (found.check, text.encode()[slice(*found.span)].decode()) == (check, pointed)


def test_bytes_that_are_no_text_are_refused() -> None:
    assert refusal(b'{"a": "\xff"}').span == (7, 8)
    assert refusal('{"a": 1}'.encode("utf-16")).check == "syntax"


def test_a_large_file_is_refused_unread() -> None:
    assert refusal(b" " * (MAX_BYTES + 1)).check == "oversized"


@given(data=st.binary(max_size=200) | st.text("{}[]\",:&*!|>-?'%@\\# \nab1.", max_size=120).map(str.encode))
@settings(max_examples=300, deadline=None)
def test_nothing_crashes(data: bytes) -> None:
    for path in ("a.json", "a.yaml", "a"):
        found = read(data, path)
        if isinstance(found, Refusal):
            assert 0 <= found.span.start <= found.span.end <= len(data)
        elif path == "a.json":
            json.loads(data)


@pytest.mark.parametrize(
    "text",
    [
        "[" * MAX_BYTES,
        "{a: " * 200_000,
        "- " * 500_000,
        "? " * 500_000,
        '{"a":' * 200_000,
        "a: b\n" * 200_000,
        '"' + "\\\n" * 500_000 + '"',
        "[" + "a, " * 300_000 + "]",
        "\n" * MAX_BYTES,
        "a: " + "&a " * 300_000,
    ],
)
def test_hostile_files_are_refused_quickly(text: str) -> None:
    started = time.process_time()
    for path in ("a.json", "a.yaml"):
        read(text.encode()[:MAX_BYTES], path)
    assert time.process_time() - started < 5

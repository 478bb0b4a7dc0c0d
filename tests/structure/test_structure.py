"""Every format: what a reader finds, at which offsets, and that nothing makes it fail."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary import structure
from cavra_boundary.structure import FORMATS, Record, UnreadError, format_of, records

if TYPE_CHECKING:
    from collections.abc import Callable


def read(text: str | bytes, path: str = "", head: bytes = b"") -> list[Record]:
    return list(records(text.encode() if isinstance(text, str) else text, path, head))


def leaves(record: Record) -> dict[str, str]:
    return {".".join((*leaf.path, leaf.key)): leaf.value for leaf in record.leaves}


def found(text: str | bytes, path: str = "", head: bytes = b"") -> list[dict[str, str]]:
    return [leaves(record) for record in read(text, path, head)]


SAME_RECORD = {
    "json": '[{"id": "7", "customer": {"email": "a@b.c"}, "due": "2025-01-02"}]',
    "ndjson": '{"id": "0"}\n{"id": "7", "customer": {"email": "a@b.c"}, "due": "2025-01-02"}\n',
    "python": "ROWS = [\n    {'id': '7', 'customer': {u'email': \"a@b.c\"}, 'due': '2025-01-02'},\n]\n",
    "javascript": "const row = { id: '7', customer: { email: `x` , email: \"a@b.c\" }, due: '2025-01-02' };",
    "ruby": 'ROW = { "id" => "7", :customer => { email: "a@b.c" }, due: "2025-01-02" }',
    "php": "$row = ['id' => '7', 'customer' => ['email' => 'a@b.c'], 'due' => '2025-01-02'];",
    "prose": (
        'It\'s what they\'ve sent:\n\n```\n{"id": "7", "customer": {"email": "a@b.c"}, "due": "2025-01-02"}\n```\n'
    ),
    "comment": '# {"id": "7",\n#  "customer": {"email": "a@b.c"}, "due": "2025-01-02"}\n',
    "cut on the left": '"z"}, {"id": "7", "customer": {"email": "a@b.c"}, "due": "2025-01-02"}]',
    "cut on the right": '[{"id": "7", "customer": {"email": "a@b.c"}, "due": "2025-01-02',
}


@pytest.mark.parametrize("text", SAME_RECORD.values(), ids=SAME_RECORD.keys())
def test_object_literals_of_every_language_are_read_alike(text: str) -> None:
    assert found(text)[-1] | {"customer.email": "a@b.c"} == {"id": "7", "customer.email": "a@b.c", "due": "2025-01-02"}
    assert any(record.nests and leaves(record)["customer.email"] for record in read(text))


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "a.yml",
            (
                'id: "7"\ncustomer:  # of ours\n  email: a@b.c\nitems:\n- sku: one\n  n: 2\n'
                "- {sku: two words, n: 3}\n---\nid: 8\n"
            ),
            [
                {"customer.email": "a@b.c"},
                {"sku": "one", "n": "2"},
                {"sku": "two words", "n": "3"},
                {"id": "7", "customer.email": "a@b.c"},
                {"id": "8"},
            ],
        ),
        (
            "a.yml",
            "a: 'it''s'\nb: \"x\\\"\\u00e9\"\nc: &anchor !!str plain # comment\nd: *anchor\n",
            [{"a": "it's", "b": 'x"é', "c": "plain"}],
        ),
        ("a.yml", "t: |\n  one\n  two\n\nn: >-\n  three\n", [{"t": "one\ntwo\n", "n": "three"}]),
        (
            "a.toml",
            "[a]\nx = \"y\"\n[a.b]\nn = 2\n[[l]]\nq = {r = 's'}\n",
            [{"a.b.n": "2"}, {"a.x": "y", "a.b.n": "2"}, {"q.r": "s"}],
        ),
        (
            "a.csv",
            'id,name\r\n1,"A, ""B"""\r\n2,"two\nlines"\r\n3,x\r\n',
            [{"id": "1", "name": 'A, "B"'}, {"id": "2", "name": "two\nlines"}, {"id": "3", "name": "x"}],
        ),
        ("a.csv", "id;name\n1;x\n", [{"id": "1", "name": "x"}]),
        ("a.tsv", "id\tname\n1\tx\n", [{"id": "1", "name": "x"}]),
        (
            "a.sql",
            "INSERT INTO t (id, \"name\") VALUES (1, 'it''s'), (NOW(), 'x');",
            [{"id": "1", "name": "it's"}, {"id": "NOW", "name": "x"}],
        ),
        (
            "a.sql",
            (
                "CREATE TABLE `t` (`id` int(11), `n` varchar(9) DEFAULT 'a,b', KEY k (`id`));\n"
                "INSERT INTO `t` VALUES (1,'x');"
            ),
            [{"id": "1", "n": "x"}],
        ),
        (
            "a.sql",
            "COPY s.t (id, name) FROM stdin;\n1\ta\\tb\n\\N\tx\n\\.\n",
            [{"id": "1", "name": "a\tb"}, {"id": "", "name": "x"}],
        ),
        (
            "a.xml",
            '<r><c id="7"><n>A &amp; B</n><e><![CDATA[a@b.c]]></e></c><c id="8"><n>C</n></c></r>',
            [{"c.id": "7", "c.n": "A & B", "c.e": "a@b.c"}, {"c.id": "8", "c.n": "C"}],
        ),
    ],
)
def test_formats(path: str, text: str, expected: list[dict[str, str]]) -> None:
    got = found(text, path)
    for record in expected:
        assert record in got


def test_spans_point_at_the_value_in_the_file() -> None:
    for path, text in [
        ("a.json", '{"é": "ü", "n": 12}'),
        ("a.yml", "é: ü\nn: 12 # x\n"),
        ("a.csv", "é,n\nü,12\n"),
        ("a.toml", '[é]\nk = "ü"\nn = 12\n'),
        ("a.sql", "INSERT INTO t (e, n) VALUES ('ü', 12)"),
        ("a.xml", '<r e="ü"><n> 12 </n></r>'),
    ]:
        data = text.encode()
        values = {data[leaf.start : leaf.end].decode() for record in read(data, path) for leaf in record.leaves}
        assert values == {"ü", "12"}, path


def test_json_inside_strings_is_read_and_points_into_the_outer_text() -> None:
    inner = json.dumps({"email": "é@b.c", "deep": json.dumps({"n": "x\ny"})})
    data = json.dumps({"body": inner, "id": 1}).encode()
    by_layer = {record.via: record for record in read(data)}
    assert set(by_layer) == {(), ("json-string",), ("json-string",) * 2}
    email = by_layer["json-string",].leaves[0]
    assert (email.value, data[email.start : email.end]) == ("é@b.c", rb"\\u00e9@b.c")
    deep = by_layer["json-string", "json-string"].leaves[0]
    assert deep.value == "x\ny"
    assert json.loads(b'"' + data[deep.start : deep.end] + b'"').count("n") == 1
    assert not by_layer["json-string",].nests


@pytest.mark.parametrize("path", ["cassette.yml", "rows.csv", "rows.sql", "r.xml"])
def test_json_inside_strings_of_other_formats(path: str) -> None:
    text = {
        "cassette.yml": 'body:\n  string: "{\\"email\\":\n    \\"a@b.c\\"}"\n  other: \'{"email": "d@e.f"}\'\n',
        "rows.csv": 'id,body\n1,"{""email"": ""a@b.c""}"\n',
        "rows.sql": 'INSERT INTO t (id, body) VALUES (1, \'{"email": "a@b.c"}\');',
        "r.xml": "<r><body>{&quot;email&quot;: &quot;a@b.c&quot;}</body></r>",
    }[path]
    inside = [record for record in read(text, path) if record.via]
    assert {"email": "a@b.c"} in map(leaves, inside)
    assert all(
        text.encode()[leaf.start : leaf.end].endswith((b"@b.c", b"@e.f")) for record in inside for leaf in record.leaves
    )


def test_strings_in_strings_are_opened_to_a_limit() -> None:
    text = '{"n": 1}'
    for _ in range(18):
        text = json.dumps({"s": text})
    found = records(text.encode())
    deepest = 0
    with pytest.raises(UnreadError):
        while True:
            deepest = max(deepest, len(next(found).via))
    assert deepest == 16


def test_a_collection_does_not_mix_its_members() -> None:
    many = {f"c{i}": {"email": "a@b.c", "n": i} for i in range(100)}
    got = found(json.dumps({"title": "x", **many}))
    assert got[-1] == {"title": "x"}
    assert len(got) == 101
    assert found("<r><c><n>1</n></c><c><n>2</n></c></r>") == [{"c.n": "1"}, {"c.n": "2"}]


def test_words_of_a_program_are_no_strings() -> None:
    quoted = {leaf.key: leaf.quoted for leaf in read('x = {a: order.total, b: "s", c: 12, d: true}', "a.js")[0].leaves}
    assert quoted == {"a": False, "b": True, "c": False, "d": False}
    plain = {leaf.key: leaf.quoted for leaf in read("a: some text\nb: 12\nc: yes\n", "a.yml")[0].leaves}
    assert plain == {"a": True, "b": False, "c": False}


def test_later_windows() -> None:
    csv = b"id,name\n" + b"1,x\n" * 9
    assert found(b"lf a name\n2,y\n", "a.csv", csv) == [{"id": "2", "name": "y"}]
    rows = b'{"note": "a", "n": "1"}, ' * 3
    assert found(b'some text", "m": "1"}, ' + rows, "a.json", b"[" + rows)[-1] == {"note": "a", "n": "1"}


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("a.yml", b'{"a": 1}', "literals"),
        ("a.txt", b"a,b,c\n1,2,3\n4,5,6\n", "csv"),
        ("a.txt", b"name: x\nage: 3\n", "yaml"),
        ("a.txt", b"x = 1\ny = 'b'\n", "toml"),
        ("a.txt", b"[[a]]\nb = 1\n", "toml"),
        ("a.txt", b"<?xml version='1.0'?><a/>", "xml"),
        ("seeds.rb", b'run "INSERT INTO t (a, b) VALUES (1, 2)"', "sql"),
        ("a.py", b"a, b = 1, 2\nc, d = 3, 4\n", "literals"),
        ("README.md", b"name: x\n", "prose"),
        ("a.csv", b"no header here", "literals"),
    ],
)
def test_the_format_is_chosen_by_content_first(path: str, data: bytes, expected: str) -> None:
    assert format_of(data, path) == expected


def test_every_reader_is_registered() -> None:
    helpers = {"__init__", "base", "rows", "naming"}
    modules = {file.stem for file in Path(structure.__file__).parent.glob("*.py")}
    assert modules - helpers == set(FORMATS)


FRAGMENTS = st.sampled_from(
    [
        "{",
        "}",
        "[",
        "]",
        '"',
        "'",
        ":",
        ",",
        "=>",
        "=",
        "\\",
        "\n",
        "\r\n",
        " ",
        "  ",
        "- ",
        "a",
        "key",
        "1",
        "|",
        ">",
        "#",
        "&x ",
        "*x",
        "<a",
        "</a>",
        ">",
        "/>",
        "<![CDATA[",
        "]]>",
        "&amp;",
        "&#x110000;",
        "INSERT INTO t (a,b) VALUES (",
        "COPY t (a, b) FROM stdin;\n",
        "CREATE TABLE t (",
        ");",
        "''",
        '""',
        "---\n",
        "\\u",
        "\\ud800",
        "\\u{110000}",
        "\\U00110000",
        "\\x",
        "\u00e9",
        '"{\\"a\\":',
        "\t",
        "[a]\n",
        '"""',
        "**a:** b\n",
        "| - | -- |\n",
        "a=b ",
        "[a](b)",
    ]
)


@given(
    st.one_of(st.binary(max_size=200), st.lists(FRAGMENTS, max_size=60).map(lambda parts: "".join(parts).encode())),
    st.booleans(),
)
@settings(max_examples=200, deadline=None)
def test_no_input_makes_a_reader_fail_and_spans_stay_inside(data: bytes, later: bool) -> None:
    for reader in FORMATS.values():
        for record in reader(data, data[:50] if later else b""):
            assert 0 <= record.start <= record.end <= len(data)
            for leaf in record.leaves:
                assert 0 <= leaf.start <= leaf.end <= len(data)
                leaf.value.encode()


SCALARS = st.one_of(st.text(max_size=20), st.integers(), st.booleans())


@given(
    st.lists(st.dictionaries(st.text(min_size=1, max_size=8), SCALARS, min_size=1, max_size=5), min_size=1, max_size=5),
    st.sampled_from((None, 2)),
    st.booleans(),
)
@settings(max_examples=80, deadline=None)
def test_valid_json_is_read_exactly(rows: list[dict[str, object]], indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(rows, indent=indent, ensure_ascii=ascii_only)
    expected = [
        [(key, value if isinstance(value, str) else json.dumps(value)) for key, value in row.items()] for row in rows
    ]
    data = text.encode()
    got = [record for record in read(data, "a.json") if not record.via]
    assert [[(leaf.key, leaf.value) for leaf in record.own] for record in got] == expected
    for record in got:
        for leaf in record.own:
            raw = data[leaf.start : leaf.end]
            assert (json.loads(b'"%b"' % raw) if leaf.quoted else raw.decode()) == leaf.value


@pytest.mark.parametrize(
    "unit",
    [
        b"[",
        b'{"a":',
        b"<a>",
        b'\\"',
        b'a: "\n',
        b"a: {\n",
        b',"',
        b"a: |\n",
        b"{]",
        b"('",
        b"<a '",
        b"a: b\n",
        b"|--|\n",
        b"a=b ",
    ],
)
@pytest.mark.parametrize("name", FORMATS)
def test_time_is_linear_in_hostile_input(name: str, unit: bytes) -> None:
    def seconds(size: int) -> float:
        data = b"a,b\n" + unit * (size // len(unit))
        begin = time.process_time()
        with suppress(UnreadError):
            for _ in FORMATS[name](data, b""):
                pass
        return time.process_time() - begin

    small, large = min(seconds(4_000) for _ in range(2)), seconds(64_000)
    assert large < max(0.25, small * 80)  # 16 times the bytes; a quadratic reader needs 256 times the time


def deep_json(depth: int) -> bytes:
    return b'{"a":' * depth + b'{"name": "x", "email": "y"}' + b"}" * depth


def deep_lists(depth: int) -> bytes:
    return b"[" * depth + b'{"name": "x", "email": "y"}' + b"]" * depth


def deep_xml(depth: int) -> bytes:
    return b"<a>" * depth + b"<b><name>x</name><email>y</email></b>" + b"</a>" * depth


def deep_yaml(depth: int) -> bytes:
    levels = b"".join(b" " * level + b"a:\n" for level in range(depth))
    return levels + b"".join(b" " * depth + line for line in (b"name: x\n", b"email: y\n"))


def in_strings(depth: int) -> bytes:
    text = '{"name": "x", "email": "y"}'
    for _ in range(depth):
        text = json.dumps({"a": text})
    return text.encode()


DEEP = [
    (deep_json, "a.json", 5000, 20_000),
    (deep_lists, "a.json", 5000, None),
    (deep_lists, "a.yaml", 5000, None),
    (deep_xml, "a.xml", 5000, 20_000),
    (deep_yaml, "a.yaml", 1000, None),
    (in_strings, "a.json", 12, 17),
]


@pytest.mark.parametrize(("make", "path", "read", "unread"), DEEP)
def test_what_nests_deep_is_read_and_what_nests_deeper_is_said_not_to_be(
    make: Callable[[int], bytes], path: str, read: int, unread: int | None
) -> None:
    found = [record for record in records(make(read), path) if {leaf.key for leaf in record.own} >= {"name", "email"}]
    assert len(found) == 1
    if unread:
        with pytest.raises(UnreadError):
            list(records(make(unread), path))

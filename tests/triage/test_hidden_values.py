"""A found value is hidden to its end, wherever else it occurs on a shown line, and in whatever encoding."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, pin, token

from cavra_boundary.model import Span
from cavra_boundary.rules.samples import Dice, expand
from cavra_boundary.triage.hidden import MASK, Hidden
from cavra_boundary.triage.tokens import token_around

if TYPE_CHECKING:
    from collections.abc import Callable

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789"


def random_text(seed: str, count: int) -> str:
    return Dice(seed).text(LETTERS, count)


def shows_part_of(value: str, text: str) -> bool:
    return any(value[at : at + 4] in text for at in range(len(value) - 3))


def token_in(line: str) -> str:
    """The line with what is hidden masked, given that a pattern matches `SECRET`."""
    data = line.encode()
    start = data.index(b"SECRET")
    span = token_around(data, Span(start, start + len(b"SECRET")))
    return (data[: span.start] + MASK.encode() + data[span.end :]).decode()


@pytest.mark.parametrize("mark", "$%[#!*|@&;,^~+.:/?=(){}]<>\\\"'`")
def test_what_follows_a_match_is_hidden_with_it(tool: Tool, mark: str) -> None:
    rest = random_text(mark, 200)
    tool.write("a", f"DEMO demopin {pin('p')}{mark}{rest} last=1\n")
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        assert not shows_part_of(rest, got.out)
        assert "demopin" in got.out


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("host=db user=app password=SECRET$x sslmode=require", "host=db user=app password=******** sslmode=require"),
        ("postgres://app:SECRET@db.corp.io:5432/main", "postgres://app:********@db.corp.io:5432/main"),
        ("postgres://app:" + "SECRET@x!@db.corp.io/main", "postgres://app:********@db.corp.io/main"),
        ("redis://:SECRET@localhost/0", "redis://:********@localhost/0"),
        ("curl -u admin:SECRET%x https://api.corp.io/", "curl -u admin:******** https://api.corp.io/"),
        ("GET /?token=SECRET&page=2 HTTP/1.1", "GET /?token=********&page=2 HTTP/1.1"),
        ('login("SECRET and more", user)', 'login("********", user)'),
        (r'{"a": "SECRET\" and more", "b": 1}', r'{"a": "********", "b": 1}'),
        (r'"{\"password\": \"SECRET and\", \"next\": 1}"', r'"{\"password\": \"********\", \"next\": 1}"'),
        ("'SECRET''more', 'next'", "'********', 'next'"),
        ("PASSWORD='SECRET'more next", "PASSWORD='******** next"),
        ("connect(SECRET)", "connect(********)"),
        ("${SECRET}/x", "${********}/x"),
        ("PASSWORD=SECRET)more", "PASSWORD=********"),
        ("password: SECRET horse battery  # rotate", "password: ********  # rotate"),
        ('dsn = "Server=a;Password=SECRET b c;Database=d"', 'dsn = "Server=a;Password=********;Database=d"'),
        ("<password>SECRET</password>", "<password>********</password>"),
        ("see SECRET, then go", "see ********, then go"),
        ("?t=%22SECRET more%22&u=1", "?t=%22********%22&u=1"),
        ("beginSECRET", "********"),
    ],
)
def test_a_token_ends_where_the_syntax_ends_it(line: str, shown: str) -> None:
    assert token_in(line) == shown


VALUES = [
    "SECRET a TAIL",
    "SECRET, a: TAIL",
    "SECRET  #x TAIL",
    "SECRET a=b TAIL",
    "SECRET&x TAIL",
    "begin SECRET TAIL",
]
QUOTED = ["'{}'", '"{}"', "{{{}}}"]
LISTS = [
    "Server=db;Password={};Encrypt=yes",
    "Server=db;User Id=sa;Pwd={}; Encrypt=yes",
    "Password={};Server=db",
    "Server=db; Password = {}",
    "jdbc:sqlserver://db:1433;user=sa;password={};encrypt=true;",
    "Driver={{ODBC Driver 18}};Server=db;PWD={};",
]
AROUND: dict[str, Callable[[str], str]] = {
    "a line": str,
    "env": "export CS={}".format,
    "quoted env": "CS='{}' run".format,
    "yaml": "  cs: {}".format,
    "json": lambda text: f'{{"a": 1, "cs": {json.dumps(text)}, "b": "c"}}',
    "json of .net": lambda text: json.dumps({"cs": text}).replace("'", "\\u0027").replace('\\"', "\\u0022"),
    "json in json": lambda text: json.dumps({"a": json.dumps({"cs": text})}),
    "xml": "<cs>{}</cs>".format,
    "attribute": lambda text: f'<add cs={quoteattr(text)} name="x"/>',
    "code": lambda text: f"connect({json.dumps(text)}, 1);",
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
@pytest.mark.parametrize("pairs", LISTS)
def test_a_value_in_a_connection_string_goes_on_to_the_semicolon(
    pairs: str, around: Callable[[str], str], request: pytest.FixtureRequest
) -> None:
    quoted = [quote.format("SECRET; a;b TAIL") for quote in QUOTED]
    if request.node.callspec.id.split("-")[-1] in ("quoted env", "xml", "attribute"):
        quoted = quoted[2:]  # a quote or an entity there is a part of something else
    for value in (*VALUES, *quoted):
        if "begin" in value and pairs.startswith("Password"):
            continue  # nothing says yet that it is a list
        shown = token_in(around(pairs.format(value)))
        assert "TAIL" not in shown, (value, shown)
        assert "begin" not in shown, (value, shown)
        assert around(pairs.format("")).rstrip(" ;'\"\\})")[-12:] in shown or "Encrypt" not in pairs, shown


@given(
    before=st.text(max_size=40),
    after=st.text(max_size=40),
)
def test_a_token_contains_its_match_and_stays_on_the_line(before: str, after: str) -> None:
    data = f"{before}SECRET{after}".encode(errors="surrogatepass")
    start = data.index(b"SECRET")
    span = token_around(data, Span(start, start + 6))
    assert span.start <= start
    assert span.end >= start + 6
    assert b"\n" not in data[span.start : span.end]


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": str,
    "embedded": "x{}y".format,
    "percent": lambda value: "".join(f"%{ord(each):02X}" for each in value),
    "percent, lower": lambda value: "".join(f"%{ord(each):02x}" for each in value),
    "backslash u": lambda value: "".join(f"\\u{ord(each):04x}" for each in value),
    "backslash x": lambda value: "".join(f"\\x{ord(each):02x}" for each in value),
    "references": lambda value: "".join(f"&#{ord(each)};" for each in value),
    "base64": lambda value: base64.b64encode(value.encode()).decode(),
    "base64, shifted": lambda value: base64.b64encode(f"u:{value}".encode()).decode(),
    "base64 of two bytes a character": lambda value: base64.b64encode(value.encode("utf-16-le")).decode(),
    "hex": lambda value: value.encode().hex(),
    "base64 in percent": lambda value: base64.b64encode(value.encode()).decode().replace("=", "%3D"),
}


@pytest.mark.parametrize("encode", ENCODINGS.values(), ids=ENCODINGS)
@pytest.mark.parametrize("line", ['key "{}" was {} before', "GET /?t=%22{1}%22 token {0}", "{0}, {1}"])
def test_a_value_is_hidden_a_second_time_on_its_line(tool: Tool, line: str, encode: Callable[[str], str]) -> None:
    value = token("a")
    second = encode(value.removeprefix("demotok_"))
    tool.write("a", line.format(value, second) + "\n")
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        assert not shows_part_of(value[8:], got.out)
        assert second not in got.out.replace("\\\\", "\\")
        assert "demotok_********" in got.out


@pytest.mark.parametrize(
    "line",
    [
        "postgres://app:{0}@h.corp.io/x  # was {0}",
        "DATABASE_URL=mysql://app:{0}@db.corp.io/x; # {0}",
        "Authorization: Basic {1}  # {0}",
    ],
)
def test_the_password_inside_a_value_is_hidden_beside_it(tool: Tool, line: str) -> None:
    password = f"Zq{random_text('inner', 14)}8x"
    tool.write("a.env", line.format(password, base64.b64encode(f"bob:{password}".encode()).decode()) + "\n")
    got = tool.run("scan", "--format", "json", "a.env")
    assert got.code == 1
    assert not shows_part_of(password, got.out)


@given(
    value=st.text(alphabet=LETTERS, min_size=4, max_size=300), before=st.text(max_size=30), after=st.text(max_size=30)
)
def test_values_are_masked_in_any_text(value: str, before: str, after: str) -> None:
    hidden = Hidden([value.encode()])
    masked = hidden.text(before + value + after)
    assert value not in masked
    assert MASK in masked
    assert value not in repr(hidden)


def test_a_text_without_values_stays() -> None:
    assert Hidden([b"abcd"]).text("a b c d, abc %41 \\u0041 \udcff") == "a b c d, abc %41 \\u0041 \udcff"
    assert Hidden([b"abc"]).text("abc") == "abc"
    assert Hidden().text("abcd") == "abcd"


def test_a_decoded_value_is_hidden_outside_its_layer(tool: Tool) -> None:
    value = token("a")
    inner = base64.b64encode(f'{{"auth": "user:{value}", "more": "text"}}'.encode()).decode()
    tool.write("a", f"config base64 {inner} is for x{value}y\n")
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        assert not shows_part_of(value[8:], got.out)
        assert inner[:20] not in got.out


def test_a_value_of_another_view_is_hidden(tool: Tool) -> None:
    value = token("a")
    text = f"one {token('b')} x{value}y\nkey {value}\n"
    tool.write("a", text.encode("utf-16"))
    tool.write("b", b"\xef\xbb\xbf" + text.encode())
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        assert not shows_part_of(value[8:], got.out)


def test_what_a_rule_found_stays_hidden_when_it_gives_way(tool: Tool) -> None:
    pack = """
    name = "wide"
    title = "A generic rule"
    [[rule]]
    name = "word"
    kind = "text"
    clause = "tenant-secret"
    severity = "warning"
    title = "Anything assigned"
    why = "It may be a password."
    keywords = ["assigned"]
    generic = true
    pattern = 'assigned (?P<secret>[^\\n]{8,200}) to'
    examples = ["assigned «lower:12» to", "assigned «lower:16» to"]
    counterexamples = ["assigned to", "unassigned"]
    """
    file = tool.folder.parent / "wide.toml"
    file.write_text("\n".join(line.strip() for line in pack.splitlines()), encoding="utf-8")
    rest = random_text("rest", 12)
    tool.write("a", f"assigned {rest} {token('a')} to\nagain {rest} {token('a')}\n")
    for got in (tool.scan("--pack", str(file)), tool.scan_text("--pack", str(file))):
        assert got.code == 1
        assert "wide.word" not in got.out
        assert not shows_part_of(rest, got.out.split("again")[0])


def _guest(**more: object) -> dict[str, object]:
    return {
        "demo_guest": expand("«name»", "a"),
        "demo_email": expand("«email»", "b"),
        "demo_room": expand("«uuid»", "c"),
        **more,
    }


def _rows(cells: list[object]) -> str:
    return f"demo_guest,demo_email,demo_room\n{','.join(map(str, cells))}\n"


NEIGHBORS: dict[str, tuple[str, Callable[[str], str]]] = {
    "a list's items": ("a.json", lambda it: json.dumps({"cc": [it, f"{it} more"], **_guest()})),
    "a key that is a value": ("a.json", lambda it: json.dumps({f"{it}@corp.net": 1, **_guest()})),
    "a key of several words": ("a.json", lambda it: json.dumps({f"{it} of {it}": "x", **_guest()})),
    "a comment": ("a.js", lambda it: f"const x = {json.dumps(_guest())}; // for {it}, call {it}"),
    "a number": ("a.json", lambda it: json.dumps(_guest(of=[len(it), it]))),
    "a nested list": ("a.json", lambda it: json.dumps(_guest(of={"a": [[it]]}))),
    "a cell without a column": ("a.csv", lambda it: _rows([*_guest().values(), it, f"SSN {it}"])),
    "a value of SQL": (
        "a.sql",
        lambda it: "INSERT INTO g (demo_guest, demo_email, demo_room) VALUES ({1}, '{0}'); -- {0}".format(
            it, ", ".join(f"'{value}'" for value in _guest().values())
        ),
    ),
    "text around": ("a.txt", lambda it: f"{it} said: {json.dumps(_guest())} and {it}"),
    "an element": (
        "a.xml",
        lambda it: f"<g>{it}" + "".join(f"<{k}>{v}</{k}>" for k, v in _guest().items()) + f"<!-- {it} --></g>",
    ),
    "a YAML comment": ("a.yaml", lambda it: "\n".join(f"{k}: {v} # {it}" for k, v in _guest().items())),
}


@pytest.mark.parametrize(("path", "content"), NEIGHBORS.values(), ids=NEIGHBORS)
def test_of_a_line_with_a_record_only_its_structure_is_shown(
    tool: Tool, path: str, content: Callable[[str], str]
) -> None:
    private = random_text(path, 12)
    text = content(private)
    tool.write(path, text + "\n")
    for got in (tool.scan(), tool.scan_text()):
        assert got.code == 1
        assert not shows_part_of(private, got.out)
        assert expand("«email»", "b") not in got.out
        if not path.endswith(".csv"):
            assert "demo_guest" in got.out.split("demo.guest")[0] + got.out.split("snippet")[-1]


def test_a_key_stays_readable_and_tells_where_the_problem_is(tool: Tool) -> None:
    tool.write("a.json", json.dumps({"cc": ["x@corp.net"], "paid": True, **_guest()}))
    (finding,) = tool.scan().findings("demo.guest")
    assert finding["snippet"].startswith(
        '{"cc": ["********"], "paid": true, "demo_guest": "********", "demo_email": "***'
    )


def test_a_secret_in_the_line_of_a_record_is_one_of_its_values(tool: Tool) -> None:
    tool.write("a.json", json.dumps(_guest(note=[f"demopin {pin('p')} for {token('a')}"])))
    for got in (tool.scan(), tool.scan_text()):
        assert {finding["rule"] for finding in tool.scan().findings()} == {"demo.guest", "demo.pin", "demo.token"}
        assert pin("p") not in got.out
        assert token("a")[8:] not in got.out

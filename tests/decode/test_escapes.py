r"""A token is found however its characters are spelled; the finding points at the spelling, and hides it."""

from __future__ import annotations

import json
import quopri
from html import escape as html
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, token

from cavra_boundary.decode import DECODERS, Budget
from cavra_boundary.model import Blob, Span, View

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = token("spelled")


def each(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(ord(char)) for char in text)


def nested(text: str, layers: int) -> str:
    for _ in range(layers):
        text = json.dumps({"body": text})
    return text


SPELLINGS: dict[str, Callable[[str], str]] = {
    r"\u": each("\\u{:04x}"),
    r"\U": lambda text: each("\\u{:04X}")(text),
    r"\x": each("\\x{:02x}"),
    "octal": each("\\{:03o}"),
    "percent": each("%{:02X}"),
    "percent twice": lambda text: quote(each("%{:02X}")(text)),
    "decimal references": each("&#{};"),
    "hexadecimal references": each("&#x{:x};"),
    "underscore as \\u": lambda text: text.replace("_", "\\u005f"),
    "underscore as percent": lambda text: text.replace("_", "%5F"),
    "within JSON within JSON": lambda text: nested(text.replace("_", "\\u005f"), 2),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_token_is_found_however_it_is_spelled(tool: Tool, spelling: str) -> None:
    spelled = SPELLINGS[spelling](VALUE)
    tool.write("spelled.txt", f'line\nconst k = "{spelled}";\n')
    tool.write("plain.txt", VALUE)
    for flags in ((), ("--no-prefilter",)):
        plain, found = tool.scan(*flags).findings("demo.token")
        assert (found["path"], found["line"], found["via"][:1]) == ("spelled.txt", 2, ["escapes"])
        assert found["fingerprint"] == plain["fingerprint"]
        assert spelled[-20:-10] not in found["snippet"]


def test_the_finding_points_at_the_spelling_only(tool: Tool) -> None:
    tool.write("a.js", f'const a = 1, key = "{SPELLINGS["underscore as percent"](VALUE)}", b = 2;\n')
    (found,) = tool.scan().findings("demo.token")
    assert (found["column"], found["end_column"]) == (21, 21 + len(VALUE) + 2)
    assert found["snippet"].startswith('const a = 1, key = "')
    assert found["snippet"].endswith('", b = 2;')


def test_what_is_found_as_it_stands_is_not_found_again(tool: Tool) -> None:
    tool.write("a.json", json.dumps({"note": f'Keys:\n{VALUE}\n"{token("other")}"\t{token("third")}'}))
    assert [place["via"] for place in tool.scan().findings("demo.token")] == [[], [], []]


@pytest.mark.parametrize(
    "text",
    [
        lambda pair: nested(pair, 3),
        lambda pair: '{"Body": "' + pair.replace('"', "\\u0022") + '"}',
        lambda pair: f"GET /login?state={quote(pair)}",
        lambda pair: f"GET /login?state={quote(quote(pair))}",
        lambda pair: f'<div data-state="{html(pair)}">',
        lambda pair: f'<div data-state="{html(html(pair))}">',
    ],
)
def test_a_name_and_its_value_may_have_escapes_between_them(tool: Tool, text: Callable[[str], str]) -> None:
    pack = tool.folder / "named.toml"
    pack.write_text(
        'name = "named"\ntitle = "Named"\n\n[[rule]]\nname = "secret"\nkind = "text"\nclause = "tenant-secret"\n'
        'severity = "error"\ntitle = "Named secret"\nwhy = "It opens."\nkeywords = ["client_secret"]\n'
        'pattern = \'"client_secret": ?"(?P<secret>[A-Za-z0-9!]{8,40})"\'\n'
        'examples = [\'"client_secret": "«base62:24»"\', \'"client_secret":"«base62:24»"\']\n'
        'counterexamples = ["client_secret", "secret"]\n'
    )
    for value in ("Winter2024!", VALUE[8:]):
        tool.write("a.txt", text(json.dumps({"client_secret": value})) + "\n")
        found = tool.scan("--pack", str(pack)).findings("named.secret")
        assert len(found) == 1, value


def test_mail_in_quoted_printable_is_read(tool: Tool) -> None:
    body = f"Please use https://example.com/login?registry=main&user=ci&token={VALUE} until Friday, not later.\n"
    mail = quopri.encodestring(body.encode()).decode()
    assert VALUE not in mail
    tool.write("a.eml", f"From: a@example.com\nContent-Transfer-Encoding: quoted-printable\n\n{mail}")
    (found,) = tool.scan().findings("demo.token")
    assert found["via"] == ["quoted-printable"]
    assert found["line"] > 3


def test_a_form_writes_blanks_as_plus_signs(tool: Tool) -> None:
    text = quote_plus(f"demohint {'abcdefghijkl'} and 1+1={VALUE}")
    tool.write("a.txt", f"body={text}\n")
    assert len(tool.scan().findings("demo.hint")) == 1


def test_ordinary_text_with_escapes_has_no_layers() -> None:
    text = b'print("a\\tb\\n")\nre.compile(r"\\w+\\.\\d")\nu = "/a%20b?c&amp;e"\nC:\\new\\table\n"50%" \\u0041\\u00e9'
    view = View(Blob.whole("a.py", text), text)
    opened = [layer for name in DECODERS if "escape" in name for layer in DECODERS[name].open(view, Budget())]
    assert opened == []


PIECES = st.sampled_from(
    [
        r"\u0022",
        r"\n",
        r"\\\"",
        "%3D",
        "%2F",
        "+",
        "&quot;",
        "\x1b[0m",
        "token",
        "secret",
        "a1B2c3D4e5F6g7H8",
        "\n",
        " ",
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_what_is_not_escaped_maps_to_itself(text: str) -> None:
    data = text.encode()
    view = View(Blob.whole("a.txt", data), data)
    for name in ("cavra-boundary.escapes", "cavra-boundary.escaped-names"):
        for layer in DECODERS[name].open(view, Budget()):
            inner = layer.view.data
            at = inner.find(b"a1B2c3D4e5F6g7H8")
            if at >= 0:
                assert layer.to_outer
                start, end = layer.to_outer(Span(at, at + 16))
                assert data[start:end] == b"a1B2c3D4e5F6g7H8"

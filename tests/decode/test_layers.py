"""Encoded parts of a file and compressed content are read; findings point at the encoded text."""

from __future__ import annotations

import gzip
import json
import os
import zlib
from base64 import b64encode, encodebytes, urlsafe_b64encode
from random import Random
from textwrap import indent
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, token

from cavra_boundary.decode import DECODERS, Budget, unpack
from cavra_boundary.decode.base64 import read
from cavra_boundary.decode.gzip import expand
from cavra_boundary.model import Blob, View

if TYPE_CHECKING:
    from collections.abc import Callable

TOO_MUCH = "has more encoded parts or layers than are scanned"
BODY = json.dumps({"note": "some more text in front", "key": token("body")})


def base64(text: str | bytes) -> str:
    return b64encode(text.encode() if isinstance(text, str) else text).decode()


def wrapped(data: bytes, width: int = 76) -> str:
    text = base64(data)
    return "\n".join(text[at : at + width] for at in range(0, len(text), width)) + "\n"


def secret(**data: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\ndata:\n{lines}"


RECORDED = {
    "a cassette of Ruby's VCR": (
        "c.yml",
        "response:\n  body:\n    encoding: ASCII-8BIT\n    base64_string: |\n"
        + indent(wrapped(BODY.encode(), 60), "      ")
        + "  recorded_at: Mon, 02 Jun 2025\n",
        (5, 7),
        ["base64"],
    ),
    "a compressed body in a cassette of VCR.py": (
        "c.yaml",
        "response:\n  body:\n    string: !!binary |\n" + indent(wrapped(gzip.compress(BODY.encode())), "      "),
        (4, 7),
        ["base64", "gzip"],
    ),
    "an HTTP archive": (
        "a.har",
        json.dumps({"content": {"mimeType": "application/json", "text": base64(BODY), "encoding": "base64"}}),
        (1, 55),
        ["base64"],
    ),
    "a compressed body of nock": (
        "n.json",
        json.dumps({"response": [gzip.compress(BODY.encode()).hex()]}),
        (1, 16),
        ["hex", "gzip"],
    ),
    "a variable": ("run.sh", f"export CONFIG={base64(BODY)}\n", (1, 15), ["base64"]),
    "a data URI": ("a.css", f"a{{b:url(data:text/plain;base64,{base64(BODY)})}}", (1, 32), ["base64"]),
    "URL-safe base64 without padding": (
        "a.py",
        f'x = b64decode("{urlsafe_b64encode(BODY.encode()).decode().rstrip("=")}")',
        (1, 16),
        ["base64"],
    ),
    "lines wrapped inside a string": (
        "a.json",
        json.dumps({"base64": encodebytes(BODY.encode()).decode()}),
        (1, 13),
        ["base64"],
    ),
    "lines wrapped inside a string, after another": (
        "a.json",
        json.dumps({"base64": "Body:\n" + encodebytes(BODY.encode() * 3).decode()}),
        (1, 20),
        ["base64"],
    ),
    "a deflated body": (
        "a.json",
        json.dumps({"base64": base64(zlib.compress(BODY.encode()))}),
        (1, 13),
        ["base64", "zlib"],
    ),
    "a value of a Kubernetes Secret": (
        "s.yaml",
        secret(key=base64(token("body"))),
        (6, 8),
        ["kubernetes-secret", "base64"],
    ),
    "a Helm release": (
        "s.yaml",
        secret(release=base64(base64(gzip.compress(json.dumps({"config": BODY}).encode())))),
        (6, 12),
        ["kubernetes-secret", "base64", "base64", "gzip"],
    ),
}


@pytest.mark.parametrize("recorded", RECORDED)
def test_what_is_encoded_is_found_and_hidden_where_it_stands(tool: Tool, recorded: str) -> None:
    path, content, position, via = RECORDED[recorded]
    tool.write(path, content)
    got = tool.scan()
    finding, *_ = got.findings("demo.token")
    assert (finding["line"], finding["column"], finding["via"]) == (*position, via)
    encoded = content.encode().splitlines()[finding["line"] - 1][finding["column"] - 1 :][:32].decode()
    assert encoded not in finding["snippet"]
    assert "********" in finding["snippet"]


def test_a_fingerprint_names_the_value_however_it_is_encoded(tool: Tool) -> None:
    tool.write("plain.json", BODY)
    tool.write("encoded.json", json.dumps({"base64": base64(BODY)}))
    one, other = tool.scan().findings()
    assert one["fingerprint"] == other["fingerprint"]


def test_an_inline_allow_beside_what_is_encoded_lets_it_through(tool: Tool) -> None:
    tool.write("run.sh", f"CONFIG={base64(BODY)} # cavra-boundary: allow[demo.token] a demo, not live\n")
    assert tool.scan().code == 0


def test_an_allow_inside_of_what_is_encoded_does_not_count(tool: Tool) -> None:
    inner = f"{token('a')} # cavra-boundary: allow[demo.token] nobody sees this\n"
    tool.write("run.sh", f"CONFIG_BASE64={base64(inner)}\n")
    assert tool.scan().code == 1


def test_a_record_in_a_recorded_body_is_read_without_the_name_of_the_file(tool: Tool) -> None:
    table = "demo_guest,demo_email,demo_room\nMarta Lindqvist,marta@harbor-logistics.com,R2D2-77\n"
    tool.write("c.yml", f"body:\n  base64_string: {base64(table)}\n")
    assert [finding["rule"] for finding in tool.scan().findings()] == ["demo.guest"]


def test_what_goes_on_beyond_a_window_makes_the_run_incomplete(tool: Tool) -> None:
    tool.write(
        "a.txt", b"x\n" * ((2 << 20) - 99) + b"base64 " + base64("some text " * 20_000).encode() + b"\nx" * 90_000
    )
    got = tool.scan()
    assert got.code == 3
    assert list(got.skipped()) == ["a.txt"]


@pytest.mark.parametrize("name", ["dump.sql.gz", "photo.png", "notes"])
def test_a_compressed_file_is_unpacked_whatever_its_name(tool: Tool, name: str) -> None:
    tool.write(name, gzip.compress(f"line\n{BODY}\n".encode()))
    (finding,) = tool.scan().findings()
    assert (finding["rule"], finding["line"], finding["via"], finding["snippet"]) == ("demo.token", 1, ["gzip"], "")


def test_a_compressed_stream_that_is_cut_off_is_read_as_far_as_it_goes(tool: Tool) -> None:
    filler = "".join(f"{number} {token(str(number))[8:]}\n" for number in range(2000))
    tool.write("a.gz", gzip.compress(f"{BODY}\n{filler}".encode())[:9000])
    assert [finding["rule"] for finding in tool.scan().findings()] == ["demo.token"]


def test_compressed_content_with_zero_bytes_is_read(tool: Tool) -> None:
    tool.write("a.gz", gzip.compress(b"a\0b " + BODY.encode()))
    tool.write("wide.gz", gzip.compress(f"first {BODY}".encode("utf-16")))
    found = tool.scan().findings()
    assert [(each["path"], each["via"]) for each in found] == [
        ("a.gz", ["gzip"]),
        ("wide.gz", ["gzip", "utf-16-le"]),
    ]


def test_what_is_compressed_again_is_found_or_said(tool: Tool) -> None:
    once = gzip.compress(BODY.encode())
    tool.write("twice.gz", gzip.compress(once))
    got = tool.scan()
    assert {each["path"] for each in got.findings()} == {"twice.gz"}
    for _ in range(8):
        once = gzip.compress(once)
    tool.write("twice.gz", once)
    got = tool.scan()
    assert (got.code, list(got.skipped())) == (3, ["twice.gz"])


def _flipped(data: bytes, place: int) -> bytes:
    return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]


@pytest.mark.parametrize("between", [b"", b"\0" * 512, b"junk between members"])
def test_a_bad_member_hides_nothing_that_follows_it(tool: Tool, between: bytes) -> None:
    """Broken inside, its rest cannot be read, which is said; with only a wrong checksum it can."""
    good = gzip.compress(f"{BODY}\n".encode())
    noise = gzip.compress(bytes(range(256)) * 2 + os.urandom(5000))
    broken = noise[:12] + b"\xff" * 40 + noise[60:]
    tool.write("inside.gz", gzip.compress(b"fine\n") + between + broken + between + good)
    tool.write("sum.gz", _flipped(good, len(good) - 6))
    tool.write("between.gz", gzip.compress(b"fine\n") + between + good)
    got = tool.scan()
    assert [path for path, _, _ in got.places()] == ["between.gz", "inside.gz", "sum.gz"]
    assert list(got.skipped()) == ["inside.gz"]
    assert "broken" in got.skipped()["inside.gz"]


def test_what_unpacks_to_too_much_makes_the_run_incomplete(tool: Tool) -> None:
    tool.write("bomb.gz", gzip.compress(b"a" * (33 << 20)))
    got = tool.scan()
    assert got.code == 3
    assert [skip["reason"] for skip in got.report["receipt"]["skipped"]] == ["unpacks to more bytes than are scanned"]


def test_bombs_share_one_budget() -> None:
    bomb = base64(gzip.compress(b"a" * (20 << 20)))
    view = View(Blob.whole("a.txt", b""), "\n".join(f"base64 {bomb}" for _ in range(4)).encode())
    opened = list(DECODERS["cavra-boundary.base64"].open(view, Budget()))
    assert sum(len(layer.view.data) for layer in opened) <= Budget().left + len(opened)
    assert opened[-1].cut_short


def test_more_parts_than_are_opened_make_the_run_incomplete(tool: Tool) -> None:
    part = base64("a text of some length, in base64")
    tool.write("a.txt", "\n".join(f"base64:{part}" for _ in range(10_002)))
    got = tool.scan()
    assert got.code == 3
    assert got.skipped() == {"a.txt": TOO_MUCH}


def test_more_layers_than_are_opened_make_the_run_incomplete(tool: Tool) -> None:
    text = token("a") + " in base64"
    for _ in range(5):
        text = f"and so on base64 {base64(text)}"
    tool.write("a.txt", text)
    got = tool.scan()
    assert got.code == 3
    assert [skip["reason"] for skip in got.report["receipt"]["skipped"]] == [TOO_MUCH]


@pytest.mark.parametrize(
    "text",
    [
        secret(password=base64("not-a-secret")),
        secret(password="{{ .Values.password | b64enc }}"),
        f"kind: SealedSecret\nspec:\n  encryptedData:\n    key: {base64(Random(1).randbytes(60))}\n",
        f"kind: ConfigMap\ndata:\n  key: {base64(token('a'))[:28]}\n",
    ],
)
def test_only_values_of_secrets_are_decoded_and_judged_by_what_they_say(tool: Tool, text: str) -> None:
    tool.write("s.yaml", text)
    assert tool.scan().places() == []


@pytest.mark.parametrize(
    "around",
    [
        lambda text: f'"integrity": "sha512-{text}"',
        lambda text: f"eyJhbGciOiJIUzI1NiJ9.{text}.c2lnbmF0dXJl",
        lambda text: f"import base64.{text}.Reader",
    ],
)
def test_what_only_looks_like_base64_is_left_alone(around: Callable[[str], str]) -> None:
    view = View(Blob.whole("a.txt", b""), f"base64\n{around(base64(BODY))}\n".encode())
    assert [layer.view.data for layer in DECODERS["cavra-boundary.base64"].open(view, Budget())] == []


@given(st.binary(max_size=300), st.sampled_from([0, 4, 60, 76]), st.booleans())
def test_base64_reads_what_was_written(data: bytes, width: int, padded: bool) -> None:
    text = wrapped(data, width) if width else base64(data)
    assert read(text.encode() if padded else text.replace("=", "").encode()) == data


@given(st.binary(max_size=2000))
def test_no_bytes_break_a_decoder(data: bytes) -> None:
    for content in (
        data,
        b"kind: Secret\ndata:\n  k: " + data,
        gzip.compress(data)[: len(data) // 2],
        b"1f8b08" * 9 + data,
    ):
        blob = Blob.whole("a.yaml", content)
        view = View(blob, content)
        for layer in (*unpack(blob, Budget()), *(each for d in DECODERS.values() for each in d.open(view, Budget()))):
            assert 0 <= layer.place.start <= layer.place.end <= len(content)


@given(st.binary(max_size=500), st.integers(1, 600))
def test_unpacking_gives_no_more_than_asked(data: bytes, most: int) -> None:
    content, missing = expand(gzip.compress(data), most)
    assert content == data[:most]
    assert (not missing) == (len(data) <= most)


def test_many_small_gzip_members_and_large_ones_are_read_to_the_end() -> None:
    texts = [b"%d " % number * (number % 700) for number in range(1, 1500)]
    assert expand(b"".join(map(gzip.compress, texts)), 1 << 25) == (b"".join(texts), "")
    noise = Random(1).randbytes(50_000)
    assert expand(gzip.compress(noise) + gzip.compress(b"end"), 1 << 20) == (noise + b"end", "")
    content, missing = expand(gzip.compress(noise), 40_000)
    assert content == noise[:40_000]
    assert missing
    cut, missing = expand(gzip.compress(noise)[:30_000], 1 << 20)
    assert not missing
    assert noise.startswith(cut)

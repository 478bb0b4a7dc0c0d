"""Text in any encoding: found, and located where a person sees it."""

from __future__ import annotations

import codecs
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import Tool, token

from cavra_boundary.decode import DECODERS, gzip, utf, views
from cavra_boundary.model import Blob

WIDE = {
    "utf-16-le": codecs.BOM_UTF16_LE,
    "utf-16-be": codecs.BOM_UTF16_BE,
    "utf-32-le": codecs.BOM_UTF32_LE,
    "utf-32-be": codecs.BOM_UTF32_BE,
}


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("marked", [True, False])
def test_wide_text_is_read_as_text(tool: Tool, encoding: str, marked: bool) -> None:
    text = f"first line\nkey {token('a')} end\n"
    tool.write("a.txt", (WIDE[encoding] if marked else b"") + text.encode(encoding))
    got = tool.scan()
    assert got.places() == [("a.txt", 2, 5)]
    (finding,) = got.findings()
    assert finding["via"] == [encoding]
    assert finding["snippet"] == "key demotok_******** end"


def test_wide_text_of_another_script_with_a_mark(tool: Tool) -> None:
    tool.write("a.txt", codecs.BOM_UTF16_LE + f"ключ: {token('a')} конец".encode("utf-16-le"))
    got = tool.scan()
    assert got.places() == [("a.txt", 1, 7)]
    assert got.findings()[0]["snippet"] == "ключ: demotok_******** конец"


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(b"\xe9t\xe9 ", id="latin-1"),
        pytest.param(b"\xef\xbb\xbf", id="utf-8 with a mark"),
        pytest.param(b"\0\0\0\0 ", id="zero bytes"),
        pytest.param(b"\x7fELF\2\1\1\0" + bytes(range(256)) + b" ", id="binary"),
        pytest.param(b"\xff\xfe\xfd ", id="a mark's beginning"),
        pytest.param("日本語 ".encode("shift-jis"), id="shift-jis"),
    ],
)
def test_whatever_stands_around_it(tool: Tool, before: bytes) -> None:
    secret = token("a").encode()
    tool.write("a.bin", before + secret + b"\0\xff\n")
    got = tool.scan()
    assert [path for path, _, _ in got.places()] == ["a.bin"]
    assert token("a")[8:] not in got.out


@pytest.mark.parametrize("encoding", WIDE)
def test_a_file_that_goes_on_in_another_encoding(tool: Tool, encoding: str) -> None:
    """As when `echo … >> file` appends to what another program wrote."""
    tool.write("a.txt", WIDE[encoding] + ("x" * 1000 + f"\n{token('a')}\n").encode(encoding) + token("b").encode())
    got = tool.scan()
    assert len(got.places()) == 2
    assert {tuple(finding["via"]) for finding in got.findings()} == {(encoding,), ()}


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("shift", range(4))
@pytest.mark.parametrize("script", ["", "中文 ", "ключ "])
def test_wide_text_that_begins_anywhere_in_a_file(tool: Tool, encoding: str, shift: int, script: str) -> None:
    """As when a shell appends to what another program wrote; a stray byte shifts all that follows."""
    begin = b"# header\n" * 80 + b"x" * shift
    tool.write("a.txt", begin + f"{script}first\n{script}key {token('a')} {script}\nlast".encode(encoding))
    (finding,) = tool.scan().findings()
    assert (finding["path"], finding["line"]) == ("a.txt", 82)
    assert finding["via"] == [encoding] if script else finding["via"][0][:6] == encoding[:6]
    assert token("a")[8:] not in finding["snippet"]


@pytest.mark.parametrize("encoding", WIDE)
def test_wide_text_with_stray_bytes_in_it(tool: Tool, encoding: str) -> None:
    lines = [f"line {number}: {token(str(number))}\n".encode(encoding) for number in range(4)]
    tool.write("a.txt", WIDE[encoding] + b"x".join(lines))
    got = tool.scan()
    assert len(got.findings()) == 4
    assert len({each["fingerprint"] for each in got.findings()}) == 4
    assert not any(token(str(number))[8:] in got.out for number in range(4))


@pytest.mark.parametrize("encoding", WIDE)
def test_wide_text_of_another_script_without_a_mark(tool: Tool, encoding: str) -> None:
    text = "中文" * 300 + f"\nname 王小明 {token('a')}\n" + "中文" * 300
    tool.write("a.txt", text.encode(encoding))
    (finding,) = tool.scan().findings()
    assert (finding["line"], finding["column"]) == (2, 10)


def test_a_record_in_wide_text_of_another_script(tool: Tool) -> None:
    guest = {"demo_guest": "Maria Lindqvist", "demo_email": "m.lindqvist@nordwind.se", "demo_room": "A-117-B"}
    record = json.dumps({"客户": "王小明", **guest}, ensure_ascii=False)
    tool.write("a.json", "中文".encode("utf-16-le") * 300 + record.encode("utf-16-le"))
    assert [each["rule"] for each in tool.scan().findings()] == ["demo.guest"]


@given(
    st.lists(
        st.tuples(st.binary(max_size=9), st.text(max_size=9), st.sampled_from(sorted(WIDE))), min_size=1, max_size=5
    )
)
def test_every_run_of_wide_text_is_in_a_view(pieces: list[tuple[bytes, str, str]]) -> None:
    words = [f"|demo-word-{number}|" for number in range(len(pieces))]
    content = b"".join(
        before + script.encode(encoding, "replace") + word.encode(encoding) + script.encode(encoding, "replace")
        for (before, script, encoding), word in zip(pieces, words, strict=True)
    )
    found = list(views(Blob.whole("a.bin", content)))
    for word in (word.strip("|") for word in words):
        holders = [view for view in found if word.encode() in view.data]
        assert holders
        for view in holders:
            assert view.to_blob is not None
            start = view.to_blob(view.data.index(word.encode()))
            assert content[start : start + 4].strip(b"\0").startswith(b"d")


def test_an_empty_file_holds_nothing(tool: Tool) -> None:
    tool.write("a.txt", b"")
    got = tool.scan()
    assert (got.code, got.report["receipt"]["files"], got.report["receipt"]["bytes"]) == (0, 1, 0)


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("cut", range(1, 5))
def test_wide_text_that_is_cut_off(tool: Tool, encoding: str, cut: int) -> None:
    text = WIDE[encoding] + f"key {token('a')} end".encode(encoding)
    tool.write("a.txt", text[:-cut])
    assert tool.scan().places() == [("a.txt", 1, 5)]


def test_every_decoder_of_the_folder_is_registered() -> None:
    from pathlib import Path

    files = {file.stem for file in Path(utf.__file__).parent.glob("*.py")} - {"__init__", "base"}
    of_parts = {decoder.open.__module__.rpartition(".")[2] for decoder in DECODERS.values()}
    of_files = {utf.decode.__module__.rpartition(".")[2], gzip.decode.__module__.rpartition(".")[2]}
    assert of_parts | of_files == files


@given(st.text(alphabet="ab \nß€𝄞", max_size=60), st.sampled_from(sorted(WIDE)), st.data())
def test_an_offset_in_the_text_comes_from_its_place_in_the_file(text: str, encoding: str, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(text)))
    blob = Blob.whole("a.txt", WIDE[encoding] + text.encode(encoding))
    view, own = views(blob)
    assert (view.via, own.via) == ((encoding,), ())
    assert view.to_blob is not None
    in_view = len(text[:index].encode())
    assert view.to_blob(in_view) == len(WIDE[encoding]) + len(text[:index].encode(encoding))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_view_whose_offsets_lie_in_the_file(content: bytes) -> None:
    *decoded, own = views(Blob.whole("a.txt", content))
    assert (own.data, own.to_blob) == (content, None)
    for view in decoded:
        assert view.to_blob is not None
        offsets = [view.to_blob(offset) for offset in range(len(view.data) + 1)]
        assert offsets == sorted(offsets)
        assert offsets[-1] <= len(content) + 3


def test_a_utf_8_mark_neither_shifts_columns_nor_hides_a_line_s_start(tool: Tool) -> None:
    tool.write("a.txt", codecs.BOM_UTF8 + f"{token('a')}\n".encode())
    assert tool.scan().places() == [("a.txt", 1, 1)]

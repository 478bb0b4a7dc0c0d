"""Content types are recognized by magic number, and text is never mistaken for one."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import sys
import tarfile
import zipfile
from base64 import b64decode
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cavra_boundary.detect.content import CONTENT_TYPES, content_type
from cavra_boundary.rules.samples import expand


def der(mark: str) -> bytes:
    return b64decode("".join(expand(f"«pem:{mark}»", "s").splitlines()[1:-1]))


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (bytes.fromhex("feedfeed00000002"), "jks"),
        (bytes.fromhex("cececece00000002"), "jceks"),
        (bytes.fromhex("0000000200000014") + bytes(20), "bks"),
        (bytes.fromhex("03d9a29a67fb4bb5"), "kdbx"),
        (bytes.fromhex("308204010201033082") + b"\x03\xc7\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", "pkcs12"),
        (bytes.fromhex("30800201033080") + b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", "pkcs12"),
        (bytes.fromhex("308204a40201000282010100"), "der-private-key"),
        (b"\x95\x00\x46\x04" + bytes(4) + b"\x16" + bytes(61), "pgp-secret-key"),
        (b"\xc5\x46\x04" + bytes(4) + b"\x01" + bytes(61), "pgp-secret-key"),
        (b"\x7fELF\x02\x01", "elf"),
        (bytes.fromhex("cafebabe00000034"), "class"),
        (bytes.fromhex("cafebabe00000002"), "mach-o"),
        (b"PAR1\x15\x04", "parquet"),
        (b"Obj\x01\x04", "avro"),
        (b"PGDMP\x01", "pg-dump"),
        (b"%PDF-1.7\n", "pdf"),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "webp"),
    ],
)
def test_magic_numbers(head: bytes, expected: str) -> None:
    assert content_type(head) == expected
    assert expected in CONTENT_TYPES


def test_what_the_standard_library_writes(tmp_path: Path) -> None:
    assert content_type(gzip.compress(b"x")) == "gzip"
    assert content_type(bz2.compress(b"x")) == "bzip2"
    assert content_type(lzma.compress(b"x")) == "xz"
    with zipfile.ZipFile(zipped := io.BytesIO(), "w") as archive:
        archive.writestr("a", "b")
    assert content_type(zipped.getvalue()) == "zip"
    with tarfile.open(fileobj=(tarred := io.BytesIO()), mode="w") as tar:
        tar.addfile(tarfile.TarInfo("PK/a"), io.BytesIO())
    assert content_type(tarred.getvalue()[:512]) == "tar"
    database = sqlite3.connect(tmp_path / "d.sqlite")
    database.execute("create table t (x)")
    database.commit()
    database.close()
    assert content_type((tmp_path / "d.sqlite").read_bytes()[:512]) == "sqlite"
    if sys.platform == "linux":
        assert content_type(Path(sys.executable).resolve().read_bytes()[:512]) == "elf"


@pytest.mark.parametrize("label", ["RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"])
def test_a_whole_der_key(label: str) -> None:
    assert content_type(der(label)) == "der-private-key"


def test_a_broken_der_key_has_no_type() -> None:
    assert content_type(der("EC PRIVATE KEY")[:-1]) == ""


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"0",
        b"0123456789",
        b"MZ is not a program",
        b"PKG=1\n",
        b"GIF? no",
        b"ORC is a beast",
        b"BZh is no bzip2",
        b"7zip",
        b"%PDX",
        b"Rar",
        b"RIFF of a guitar",
        b"import os\n",
        b"\xef\xbb\xbf{}",
        b"\xff\xfeh\x00i\x00",
        b"\x00" * 600,
    ],
)
def test_text_and_the_unknown_have_no_type(head: bytes) -> None:
    assert content_type(head) == ""


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=64)
    | st.builds(bytes.__add__, st.sampled_from([b"0\x82", b"\x95", b"\xc5\xff", b"0\x80"]), st.binary(max_size=9))
)
def test_any_bytes_have_a_known_type_or_none(head: bytes) -> None:
    assert content_type(head) in {"", *CONTENT_TYPES}

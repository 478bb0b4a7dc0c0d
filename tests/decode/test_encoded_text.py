"""Tokens in base64 and hexadecimal are found without any word that says so."""

from __future__ import annotations

import base64
import hashlib
import subprocess
import textwrap
from typing import TYPE_CHECKING

import pytest
from support import Tool, token

from cavra_boundary.errors import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

VALUE = token("encoded")
LINE = f"key={VALUE}\n"


def b64(data: bytes | str) -> str:
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def dump(data: bytes, row: Callable[[int, bytes, str], str]) -> str:
    parts = [(at, data[at : at + 16]) for at in range(0, len(data), 16)]
    return "".join(row(at, part, "".join(map(chr, part)).replace("\n", ".")) + "\n" for at, part in parts)


ENCODED = {
    "base64": f"x: {b64(VALUE)}\n",
    "base64, URL-safe": f"x: {base64.urlsafe_b64encode(VALUE.encode()).decode().rstrip('=')}\n",
    "base64 twice": f"x: {b64(b64(VALUE))}\n",
    "base64 behind a slash": f"GET /d/{b64(VALUE)}\n",
    "base64 of a command": f"powershell -EncodedCommand {b64(f'$k = 1; Use-It {VALUE}'.encode('utf-16-le'))}\n",
    "a call": f'CFG = bytes.fromhex("{LINE.encode().hex()}")\n',
    "SQL": f"INSERT INTO t VALUES (1,0x{LINE.encode().hex().upper()});\n",
    "a digit before it": f"7{LINE.encode().hex()}\n",
    "UTF-16": f"0x{VALUE.encode('utf-16-le').hex()}\n",
    "xxd": dump(LINE.encode(), lambda at, part, text: f"{at:08x}: {part.hex(' ', -2):39}  {text}"),
    "hexdump -C": dump(
        LINE.encode(),
        lambda at, part, text: f"{at:08x}  {part[:8].hex(' '):23}  {part[8:].hex(' '):23}  |{text}|",
    ),
    "od": dump(LINE.encode(), lambda at, part, _: f"{at:07o} {part.hex(' ')}"),
    "tcpdump": dump(LINE.encode(), lambda at, part, text: f"\t0x{at:04x}:  {part.hex(' ', -2):39}  {text}"),
    "a registry export": '[HKEY_CURRENT_USER\\A]\n"T"=hex(2):'
    + textwrap.fill(VALUE.encode("utf-16-le").hex(","), 72).replace("\n", "\\\n  ")
    + "\n",
    "an array": "char k[] = {" + ", ".join(f"0x{byte:02x}" for byte in VALUE.encode()) + "};\n",
}


@pytest.mark.parametrize("encoded", ENCODED)
def test_an_encoded_token_is_found(tool: Tool, encoded: str) -> None:
    tool.write("a.txt", f"first line\n{ENCODED[encoded]}")
    for flags in ((), ("--no-prefilter",)):
        found = tool.scan(*flags).findings("demo.token")
        assert [each["line"] for each in found] == [3 if "registry" in encoded else 2]
        assert "********" in found[0]["snippet"]


@pytest.mark.parametrize("kind", [["-algorithm", "RSA"], ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]])
def test_a_private_key_in_hexadecimal_is_found(tool: Tool, kind: list[str]) -> None:
    for form in ([], ["-traditional"]):
        made = subprocess.run(["openssl", "genpkey", *kind], capture_output=True, check=True).stdout
        der = subprocess.run(
            ["openssl", "pkey", *form, "-outform", "DER"], input=made, capture_output=True, check=True
        ).stdout
        tool.write("a.env", f"SOMETHING={der.hex()}\n")
        (found,) = tool.scan().findings("license-keys.pem-private-key")
        assert (found["line"], found["column"], found["via"]) == (1, 11, ["hex"])


def test_thousands_of_short_texts_are_read_as_one(tool: Tool) -> None:
    lines = [b64(f"text number {number} of many in a table") for number in range(12_000)]
    tool.write("a.csv", "\n".join([*lines, b64(VALUE)]) + "\n")
    got = tool.scan()
    assert got.report["receipt"]["skipped"] == []
    assert got.places("demo.token") == [("a.csv", 12_001, 1)]


@pytest.mark.parametrize(
    "text",
    ["3f786850e387550fdab836ed7e6dc881de23001b", "0" * 400, "2718281828459045" * 20, "abcdef" * 40, "deadbeef " * 30],
)
def test_digests_and_numbers_are_not_read(tool: Tool, text: str) -> None:
    tool.write("a.txt", text + "\n")
    got = tool.scan()
    assert (got.code, got.findings("")) == (0, [])


def test_a_digest_that_looks_compressed_is_none(tool: Tool) -> None:
    """Of a million digests, one or two have the three bytes of gzip in them."""
    digests = [f"{number:02x}1f8b08{hashlib.sha256(bytes([number])).hexdigest()[8:]}" for number in range(200)]
    tool.write("digests.csv", "\n".join(digests))
    assert tool.scan("digests.csv").code == ExitCode.CLEAN

"""Content types by magic number: key stores, databases, archives, programs, images.

`content_type` runs once for every file, so it only compares magic numbers that start with the file's first byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.detect.keyformats import der_sequence, is_der_private_key, is_pgp_secret_key

if TYPE_CHECKING:
    from collections.abc import Callable

CONTENT_TYPES: dict[str, str] = {
    "7z": "7-Zip archive",
    "access": "Microsoft Access database",
    "arrow": "Apache Arrow or Feather file",
    "avro": "Apache Avro object container",
    "bks": "Bouncy Castle key store",
    "bzip2": "bzip2 stream",
    "class": "Java class",
    "der-private-key": "private key in DER (PKCS#1, SEC 1 or PKCS#8)",
    "elf": "ELF program or library",
    "gguf": "GGUF model weights",
    "gif": "GIF image",
    "gpg-keybox": "GnuPG keybox",
    "gzip": "gzip stream",
    "hdf5": "HDF5 data",
    "jceks": "Java JCEKS key store",
    "jks": "Java key store",
    "jpeg": "JPEG image",
    "kdbx": "KeePass database",
    "lz4": "LZ4 frame",
    "mach-o": "Mach-O program or library",
    "npy": "NumPy array",
    "ole2": "Microsoft compound file (.doc, .xls, .msg, .msi)",
    "orc": "Apache ORC file",
    "parquet": "Apache Parquet file",
    "pcap": "network capture",
    "pdf": "PDF document",
    "pe": "Windows program or library",
    "pg-dump": "PostgreSQL custom-format dump",
    "pgp-secret-key": "OpenPGP secret key, binary",
    "pkcs12": "PKCS#12 key store (.p12, .pfx)",
    "png": "PNG image",
    "pst": "Outlook mail store",
    "rar": "RAR archive",
    "rdb": "Redis dump",
    "sqlite": "SQLite database",
    "tar": "tar archive",
    "wasm": "WebAssembly module",
    "webp": "WebP image",
    "xz": "xz stream",
    "zip": "ZIP archive (also .jar, .whl, .docx, .xlsx)",
    "zstd": "Zstandard frame",
}


def content_type(head: bytes) -> str:
    """The name in `CONTENT_TYPES` of the type that these first bytes (512 or more) show; "" for text or unknown types.

    Passing the whole file is best for DER keys: they have no magic number, and their length must be that of `head`.
    """
    for magic, verify in _BY_FIRST_BYTE.get(head[:1], ()):
        if head.startswith(magic):
            found = verify(head) if callable(verify) else verify
            if found:
                return found
    # POSIX.1-2017, pax, "ustar Interchange Format": an archive begins with a file name, so with any bytes.
    return "tar" if head[257:262] == b"ustar" else ""


def _der(head: bytes) -> str:
    """PKCS#12 (RFC 7292 section 4: version 3, then the OID of pkcs7-data or -signedData) or a private key."""
    start = der_sequence(head) or _long_sequence(head)
    if start and head.startswith(b"\x02\x01\x03", start):
        inner = head[start + 3 : start + 24]
        return "pkcs12" if b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07" in inner else ""
    if is_der_private_key(head):
        return "der-private-key"
    # A key longer than the head: PKCS#8's algorithm, or an RSA modulus, must follow the version.
    if start and head.startswith((b"\x02\x01\x00\x30", b"\x02\x01\x00\x02\x82"), start):
        return "der-private-key"
    return ""


def _long_sequence(head: bytes) -> int:
    """Where the content begins of a SEQUENCE with a two-byte length or, as BER allows, an indefinite one; else 0."""
    if head.startswith(b"\x30\x82"):
        return 4
    return 2 if head.startswith(b"\x30\x80") else 0


def _cafebabe(head: bytes) -> str:
    """Java class files and universal Mach-O share a magic number; class files have version 45 or later."""
    return "class" if int.from_bytes(head[6:8]) > 44 and not int.from_bytes(head[4:6]) & 0xFF00 else "mach-o"


def _pgp(head: bytes) -> str:
    return "pgp-secret-key" if is_pgp_secret_key(head) else ""


def _program(head: bytes) -> str:
    """`MZ` alone is often just text, so the header's offset at 0x3C must be plausible (Microsoft, "PE Format")."""
    return "pe" if len(head) >= 64 and 0x40 <= int.from_bytes(head[60:64], "little") <= 0x1000 else ""


def _at(place: int, magic: bytes, name: str) -> Callable[[bytes], str]:
    return lambda head: name if head.startswith(magic, place) else ""


# Magic number -> type, or a function that looks closer.
_MAGIC: tuple[tuple[bytes, str | Callable[[bytes], str]], ...] = (
    (b"\x00\x00\x00\x02\x00\x00\x00\x14", "bks"),
    (b"\x00\x00\x00", _at(8, b"KBXf", "gpg-keybox")),
    (b"\x00\x01\x00\x00Standard Jet DB", "access"),
    (b"\x00\x01\x00\x00Standard ACE DB", "access"),
    (b"\x00asm\x01\x00", "wasm"),
    (b"\x03\xd9\xa2\x9a", "kdbx"),
    (b"\x04\x22\x4d\x18", "lz4"),
    (b"\x0a\x0d\x0d\x0a", "pcap"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"!BDN", "pst"),
    (b"%PDF-", "pdf"),
    (b"0", _der),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"ARROW1", "arrow"),
    (b"BZh", _at(4, b"1AY&SY", "bzip2")),
    (b"GGUF", "gguf"),
    (b"GIF8", "gif"),
    (b"MZ", _program),
    (b"ORC", _at(3, b"\x0a", "orc")),
    (b"Obj\x01", "avro"),
    (b"PAR1", "parquet"),
    (b"PGDMP", "pg-dump"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"REDIS0", "rdb"),
    (b"RIFF", _at(8, b"WEBP", "webp")),
    (b"Rar!\x1a\x07", "rar"),
    (b"SQLite format 3\x00", "sqlite"),
    (b"\x7fELF", "elf"),
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\x93NUMPY", "npy"),
    (b"\x94", _pgp),
    (b"\x95", _pgp),
    (b"\x96", _pgp),
    (b"\xa1\xb2\xc3\xd4", "pcap"),
    (b"\xc5", _pgp),
    (b"\xca\xfe\xba\xbe", _cafebabe),
    (b"\xce\xce\xce\xce", "jceks"),
    (b"\xce\xfa\xed\xfe", "mach-o"),
    (b"\xcf\xfa\xed\xfe", "mach-o"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole2"),
    (b"\xd4\xc3\xb2\xa1", "pcap"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\xfe\xed\xfa\xce", "mach-o"),
    (b"\xfe\xed\xfa\xcf", "mach-o"),
    (b"\xfe\xed\xfe\xed", "jks"),
    (b"\xff\xd8\xff", "jpeg"),
)


def _by_first_byte() -> dict[bytes, tuple[tuple[bytes, str | Callable[[bytes], str]], ...]]:
    table: dict[bytes, tuple[tuple[bytes, str | Callable[[bytes], str]], ...]] = {}
    for entry in _MAGIC:
        first = entry[0][:1]
        table[first] = (*table.get(first, ()), entry)
    return table


_BY_FIRST_BYTE = _by_first_byte()

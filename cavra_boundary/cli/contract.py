"""`cavra-boundary contract`: the public contract for people, editors and pipelines."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cavra_boundary.cli.places import STDIN
from cavra_boundary.contracts.publish import DOCUMENTS, describe_public_contract, schema, validate
from cavra_boundary.errors import EXIT_CODES, ExitCode, ScanError, UsageError
from cavra_boundary.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

_MAX_BYTES = 1024 * 1024


@click.group("contract")
def command() -> None:
    """Describe the public contract and check requests and responses against it."""


@command.command("validate", epilog=EXIT_CODES)
@click.argument("file")
def validate_file(file: str) -> int:
    """Check a request or a response in JSON; `-` is standard input.

    Each mistake is one line, with its place as a JSON pointer. Private content is never shown, only its place.
    """
    mistakes = validate(_read(file))
    for mistake in mistakes:
        click.echo(f"{printable(file)}: {printable(mistake.pointer) or 'the document'}: {mistake.message}")
    if not mistakes:
        click.echo(f"{printable(file)}: conforms to the public contract")
    return ExitCode.FINDINGS if mistakes else ExitCode.CLEAN


@command.command("schema")
@click.argument("document", type=click.Choice(tuple(DOCUMENTS)))
def show_schema(document: str) -> None:
    """Print the JSON Schema (draft 2020-12) of a request or a response."""
    click.echo(json.dumps(schema(document), indent=2))


@command.command("describe")
@click.option("--format", "format_", type=click.Choice(("text", "json")), default="text", show_default=True)
def describe(format_: str) -> None:
    """Print the operations with their checks and summaries, and the public vocabularies."""
    contract = describe_public_contract()
    click.echo(json.dumps(contract, indent=2) if format_ == "json" else "\n".join(_description(contract)))


def _description(contract: dict[str, dict[str, dict[str, object]]]) -> Iterator[str]:
    for name, operation in contract["operations"].items():
        yield name
        for title, said in operation.items():
            if isinstance(said, dict):
                yield f"  {title}"
                yield from (f"    {field}: {value}" for field, value in said.items())
            else:
                yield f"  {title}: {', '.join(said) if isinstance(said, list) else said}"
        yield ""
    yield "vocabularies"
    yield from (f"  {name}: {', '.join(words)}" for name, words in contract["vocabularies"].items())


def _read(file: str) -> bytes:
    """The file's content. UsageError when there is no such file; ScanError when it cannot be read or is too large."""
    try:
        content = _take(sys.stdin.buffer) if file == STDIN else _open(Path(file))
    except FileNotFoundError:
        raise UsageError("no such file", where=file, hint="check the path") from None
    except OSError as error:
        raise ScanError(f"cannot be read: {error.strerror}", where=file) from None
    if len(content) > _MAX_BYTES:
        raise ScanError("larger than 1 MiB", where=file, hint="a request or response is a few KiB")
    return content


def _open(path: Path) -> bytes:
    with path.open("rb") as stream:
        return _take(stream)


def _take(stream: BinaryIO) -> bytes:
    return stream.read(_MAX_BYTES + 1)

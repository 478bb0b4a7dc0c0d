"""Compressed content in hexadecimal, as nock records the compressed bodies of HTTP exchanges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.decode import gzip
from cavra_boundary.decode.base import Budget, Decoder, Layer
from cavra_boundary.model import Span, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import View

_BEGINNING = "1f8b08"
_RUN = re.compile(rf"(?i){_BEGINNING}(?:[0-9a-f]{{2}}){{18,}}".encode())


def _open(view: View, budget: Budget) -> Iterator[Layer]:
    for run in _RUN.finditer(view.data):
        yield from gzip.unpacked(view, Span(*run.span()), bytes.fromhex(run[0].decode()), ("hex",), budget)


DECODER = Decoder(Trigger("cavra-boundary.hex", f"(?i){_BEGINNING}", (_BEGINNING,)), _open)

"""Text in base64 or hexadecimal that only its shape tells, no word: every file is searched for both at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.decode import base64, hexadecimal
from cavra_boundary.decode.base import Budget, Decoder, Layer
from cavra_boundary.model import Trigger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import View


def _open(view: View, _budget: Budget) -> Iterator[Layer]:
    yield from base64.open_shaped(view)
    yield from hexadecimal.open_text(view)


DECODER = Decoder(Trigger("cavra-boundary.encoded-text", f"{base64.SHAPE}|{hexadecimal.SHAPE}", ()), _open)

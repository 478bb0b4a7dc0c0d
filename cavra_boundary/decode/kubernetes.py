"""The values of Kubernetes Secret manifests, each with its key: decoded under `data`, unchanged under `stringData`.

kubernetes.io/docs/concepts/configuration/secret: `data` holds base64, `stringData` plain text. A value is a layer that
reads `Secret.data.password: …`, so that rules see what the value is for; sealed and external secrets are of another
kind and have no such values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.decode import base64, gzip
from cavra_boundary.decode.base import Budget, Decoder, Layer, layer
from cavra_boundary.model import Span, Trigger

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cavra_boundary.model import View
    from cavra_boundary.structure import Record

_KIND = r"""["']?kind["']?[ \t]{0,4}:\s{0,4}["']?Secret["']?\s{0,4}(?:[,}#]|\r?\n|$)"""
_WORDS = ("kind: secret", 'kind: "secret', "kind: 'secret", '"kind":"secret', '"kind": "secret')
_STEP = "kubernetes-secret"


def _open(view: View, budget: Budget) -> Iterator[Layer]:
    from cavra_boundary.structure import UnreadError, records  # few files hold a manifest

    head = b"" if view.via else view.blob.head
    try:
        yield from _values(records(view.data, view.blob.path, head), view, budget)
    except UnreadError as error:
        yield layer(view, Span(0, 0), b"", (_STEP,), str(error))


def _values(found: Iterable[Record], view: View, budget: Budget) -> Iterator[Layer]:
    for record in found:
        if not any(leaf.key == "kind" and leaf.value == "Secret" for leaf in record.own):
            continue
        for leaf in record.leaves:
            if len(leaf.path) != len(record.path) + 1 or not leaf.value:
                continue
            name = f"Secret.{leaf.path[-1]}.{leaf.key}: ".encode("utf-8", "replace")
            value = leaf.value.encode("utf-8", "replace")
            if leaf.path[-1] == "stringData":
                yield layer(view, leaf.span, name + value, (_STEP,))
            elif leaf.path[-1] == "data" and (data := base64.read(value)):
                if gzip.is_compressed(data):
                    yield from gzip.unpacked(view, leaf.span, data, (_STEP, "base64"), budget)
                else:
                    yield layer(view, leaf.span, name + data, (_STEP, "base64"))


DECODER = Decoder(Trigger("cavra-boundary.kubernetes-secret", _KIND, _WORDS), _open)

"""A packet of a kind, filled in so that it passes its own check, as a starting point."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from cavra_boundary.evidence.fieldtypes import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cavra_boundary.evidence.model import Field, Kind


def template(kind: Kind, chosen: Mapping[str, str], now: datetime) -> str:
    """The packet as JSON. chosen: a label for each `Field.option`, the field's first label by default."""
    packet: dict[str, Any] = {}
    for field in kind.fields:
        holder = _holder(packet, field)
        if holder is not None and not field.optional and _is_needed(field, packet):
            sample = TYPES[field.type].sample(field, now)
            holder[field.path[-1]] = chosen.get(field.option, sample)
    return json.dumps(packet, indent=2) + "\n"


def _holder(packet: dict[str, Any], field: Field) -> dict[str, Any] | None:
    """The object that contains the field; None if the packet does not have that section."""
    return packet.get(field.section) if field.section else packet


def _is_needed(field: Field, packet: dict[str, Any]) -> bool:
    """Whether the labels chosen so far make the field required."""
    return all(all(_value(packet, name) in condition.expected for name in condition.fields) for condition in field.when)


def _value(packet: dict[str, Any], name: str) -> object:
    value: Any = packet
    for key in name.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from cavra_boundary.report.json_writing import json_pieces, json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

_texts = st.text(st.characters(exclude_categories=())) | st.sampled_from(["::error::x", "a::b"])
_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=20,
)


@given(_values)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    assert json_text(value) == json.dumps(value, indent=2)
    assert json_text(value, indent=None) == json.dumps(value)


@given(st.dictionaries(_texts, st.lists(_values, max_size=3), max_size=3))
def test_an_iterator_is_written_as_a_list(value: dict[str, list[object]]) -> None:
    assert json_text({key: iter(items) for key, items in value.items()}) == json.dumps(value, indent=2)


def test_items_are_taken_as_they_are_written() -> None:
    taken = []

    def items() -> Iterator[object]:
        for number in range(3):
            taken.append(number)
            yield {"n": number}

    pieces = json_pieces({"items": items(), "end": True})
    while not taken:
        next(pieces)
    assert taken == [0]
    assert '"n": 2' in "".join(pieces)


def test_commands_are_broken() -> None:
    text = "".join(json_pieces({"##vso[a]": iter(["##[error]b"])}))
    assert "##" not in text
    assert json.loads(text) == {"##vso[a]": ["##[error]b"]}

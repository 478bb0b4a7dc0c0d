"""Records pasted into prose are read as records."""

from __future__ import annotations

import pytest

from cavra_boundary.structure import records


def found(text: str) -> list[dict[str, str]]:
    return [{leaf.key: leaf.value for leaf in record.own} for record in records(text.encode(), "notes.md")]


@pytest.mark.parametrize(
    "text",
    [
        "Seen today:\n\nName: Ingrid\nE-mail: i@b.de\n\nand so on",
        "- **Name:** Ingrid\n- **E-mail**: i@b.de\n",
        "> 1. `Name`: Ingrid\r\n> 2. E-mail: <i@b.de>\r\n",
        "* Name: _Ingrid_\n* E-mail: [i@b.de](mailto:i@b.de)",
        "| Name | E-mail |\n| --- | :---: |\n| Ingrid | i@b.de |\n\ntext",
        "Name | **E-mail**\n--- | ---\nIngrid | [i@b.de](mailto:i@b.de)",
        "10:02 INFO saved Name=Ingrid, E-mail='i@b.de'; done\n",
        'Customer{Name="Ingrid", E-mail=i@b.de}',
    ],
)
def test_what_people_paste_into_a_text_is_read_as_a_record(text: str) -> None:
    assert found(text) == [{"Name": "Ingrid", "E-mail": "i@b.de"}]


@pytest.mark.parametrize(
    "text",
    [
        "Note: this is one line.\n\nSee also: that one.\n",
        "a | b\nc | d\n",
        "Title\n-----\n\ntext | with a bar\n",
        "set debug=1\nthen run\n",
    ],
)
def test_a_line_alone_is_no_record(text: str) -> None:
    assert found(text) == []


def test_json_in_prose_is_still_read() -> None:
    assert found('It fails for `{"a": "1", "b": "2"}`.\n') == [{"a": "1", "b": "2"}]


def test_rows_of_a_table_end_with_it_and_point_at_their_cells() -> None:
    text = b"x\n\n| id | name |\n|---|---|\n| 1 | a \\| b |\n| 2 | c |\nend\n"
    rows = [[(leaf.value, text[leaf.start : leaf.end]) for leaf in record.own] for record in records(text, "a.md")]
    assert rows == [[("1", b"1"), ("a \\| b", b"a \\| b")], [("2", b"2"), ("c", b"c")]]

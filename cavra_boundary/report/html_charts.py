"""Charts as HTML tables and inline SVG. Geometry is in percent, so they fit any width and their text is plain HTML."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from cavra_boundary.report.html_tags import Html, element, together
from cavra_boundary.report.words import SEVERITIES, count

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable, Iterator, Sequence

    from cavra_boundary.model import Introduced, Severity

_MOST_COLUMNS = 120
_SLOTS = 12  # columns that fill the chart's width; fewer are left-aligned
_GAP = 0.2  # of a column


class Bar(NamedTuple):
    """One row of a bar chart: what it counts, as HTML, and how many findings of each severity."""

    label: Html
    counts: Counter[Severity]


def bars(caption: str, rows: Iterable[Bar]) -> Html:
    """A table with a bar in each row, and the numbers beside the bars."""
    rows = list(rows)
    longest = max(bar.counts.total() for bar in rows)
    drawn = [
        element(
            "tr",
            element("th", bar.label, scope="row"),
            element("td", _bar(bar.counts, longest), class_="bar", aria_hidden="true"),
            element("td", _numbers(bar.counts), class_="number"),
        )
        for bar in rows
    ]
    return element("table", element("caption", caption), element("tbody", *drawn), class_="bars")


def _bar(counts: Counter[Severity], longest: int) -> Html:
    at = 0
    parts = []
    for severity in SEVERITIES:
        if counts[severity]:
            parts.append(_box(at / longest, 0, counts[severity] / longest, 1, severity.label))
            at += counts[severity]
    return element("svg", *parts, width="100%", height="12", focusable="false")


def _numbers(counts: Counter[Severity]) -> Html:
    """The total, and its parts for people who cannot see the colors."""
    parts = ", ".join(count(counts[severity], severity.label) for severity in SEVERITIES if counts[severity])
    return together(
        element("span", f"{counts.total():,}", title=parts), element("span", f" ({parts})", class_="unseen")
    )


class Column(NamedTuple):
    """One column of the history: a day, month or year, and how many findings were introduced in it."""

    name: str
    at_tip: int
    gone: int


def history(introduced: Iterable[Introduced]) -> list[Column]:
    """When findings were introduced, one column per day, month or year, whichever gives few enough; [] if unknown.

    Dates are untrusted: invalid ones are left out.
    """
    known = [(day, each.at_tip) for each in introduced if (day := _day(each.date))]
    if not known:
        return []
    days = [day for day, _ in known]
    digits = 10 if max(days) - min(days) <= timedelta(days=31) else 7 if max(days).year - min(days).year <= 4 else 4
    columns = dict.fromkeys(_names(min(days), max(days), digits), (0, 0))
    for day, at_tip in known:
        name = day.isoformat()[:digits]
        tip, gone = columns.get(name, (0, 0))
        columns[name] = (tip + at_tip, gone + (not at_tip))
    if len(columns) > _MOST_COLUMNS:  # a clock was far off
        columns = dict(sorted((name, counts) for name, counts in columns.items() if any(counts))[-_MOST_COLUMNS:])
    return [Column(name, *counts) for name, counts in columns.items()]


def _names(first: date, last: date, digits: int) -> Iterator[str]:
    """Every day, month or year from the first to the last, as a prefix of its ISO date."""
    if digits == 10:
        yield from ((first + timedelta(days=passed)).isoformat() for passed in range((last - first).days + 1))
    elif digits == 7:
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            yield f"{month // 12:04}-{month % 12 + 1:02}"
    else:
        yield from (f"{year:04}" for year in range(first.year, last.year + 1))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def columns(caption: str, over_time: Sequence[Column]) -> Html:
    """Columns over time, and the same data as a table."""
    highest = max(column.at_tip + column.gone for column in over_time)
    width = 1 / max(len(over_time), _SLOTS)
    drawn = []
    for index, column in enumerate(over_time):
        tip, gone = column.at_tip / highest, column.gone / highest
        left, wide = (index + _GAP / 2) * width, (1 - _GAP) * width
        parts = [element("title", f"{column.name}: {_began(column)}")]
        parts += [_box(left, 1 - tip, wide, tip, "tip")] * (tip > 0)
        parts += [_box(left, 1 - tip - gone, wide, gone, "gone")] * (gone > 0)
        drawn.append(element("g", *parts))
    svg = element("svg", *drawn, width="100%", height="120", focusable="false", aria_hidden="true")
    first, last = over_time[0].name, over_time[-1].name
    ends = [first, last] if len(over_time) >= _SLOTS else [first if first == last else f"{first} – {last}"]
    rows = [
        element("tr", element("th", column.name, scope="row"), element("td", _began(column)))
        for column in over_time
        if column.at_tip or column.gone
    ]
    return element(
        "figure",
        element("figcaption", caption),
        element(
            "ul", element("li", "still there", class_="tip"), element("li", "gone", class_="gone"), class_="legend"
        ),
        element("div", svg, class_="plot", data_most=f"{highest:,}"),
        element("div", *(element("span", end) for end in ends), class_="axis", aria_hidden="true"),
        element("details", element("summary", "Show as a table"), element("table", element("tbody", *rows))),
        class_="history",
    )


def _began(column: Column) -> str:
    return f"{column.at_tip:,} still there, {column.gone:,} gone"


def _box(left: float, top: float, width: float, height: float, kind: str) -> Html:
    sizes = {"x": left, "y": top, "width": width, "height": height}
    return element("rect", **{name: f"{100 * size:.3f}%" for name, size in sizes.items()}, class_=kind)

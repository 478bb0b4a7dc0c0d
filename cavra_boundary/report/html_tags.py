"""HTML made of elements: anything that is not already an element is untrusted text and is escaped."""

from __future__ import annotations

from cavra_boundary.report.markup import escaped

_VOID = frozenset(("br", "input", "meta", "rect"))


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *content: str, **attributes: str | bool) -> Html:
    """An element. Attributes: `class_` for class, `data_x` for data-x; True gives a bare attribute, False omits it."""
    given = "".join(
        f" {key.rstrip('_').replace('_', '-')}" + ("" if value is True else f'="{escaped(str(value))}"')
        for key, value in attributes.items()
        if value is not False
    )
    # SVG needs the slash, and HTML ignores it.
    return Html(f"<{name}{given}/>" if name in _VOID else f"<{name}{given}>{together(*content)}</{name}>")


def together(*content: str) -> Html:
    """Elements and texts, one after another."""
    return Html("".join(each if isinstance(each, Html) else escaped(each) for each in content))


def lines(*content: str) -> Html:
    """Elements and texts, each on its own line."""
    return Html("\n".join(each if isinstance(each, Html) else escaped(each) for each in content))

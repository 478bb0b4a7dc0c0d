"""Rules in rows, one line of a pack each (docs/packs.md, "Rules in rows").

A provider that gives its tokens a prefix needs no more than the rule's name, its title, and the token's form in the
mark language of examples, `llx-«base62:48»`. One whose keys do not speak for themselves needs its own names and the
shapes of its keys. Patterns, keywords, and the examples that `rules check` tries are made from that.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_CLASSES = {
    "digits": "0-9",
    "hex": "0-9a-f",
    "HEX": "0-9A-F",
    "lower": "a-z",
    "upper": "A-Z",
    "base32": "A-Z2-7",
    "base36": "0-9a-z",
    "BASE36": "0-9A-Z",
    "base62": "A-Za-z0-9",
    "base64": "A-Za-z0-9+/",
    "base64url": "A-Za-z0-9_-",
}
_MARK = r"«(\w+)(?::(\d+)(?:-(\d+))?)?»"
_PIECE = rf"{_MARK}|([(|)])|([^«»(|)]+)"
_CHOICE = r"\(([^()]*)\)"
_MOST_CHOICES = 64

# A prefix this long, with a separator in it, is not met by chance inside of other text.
_TELLING = 5
_SHORTEST_KEYWORD = 3


def provider_rule(row: dict[str, Any]) -> dict[str, Any]:
    """The credential rule of a row of `[[providers]]`, as a pack would spell it out."""
    from cavra_boundary.detect.gates import WORDS  # most runs have their rules from the cache

    of, value = row["of"][0], f"«shape:{row['value'][0]}»"
    name = next(iter(row.get("names", ())), "api_key")
    name += "" if WORDS.search(name.encode()) else "_key"
    examples = [f'{of}_{name} = "{value}"', f"{of}:\n  {name}: {value}"]
    counterexamples = [f'{of}_checksum = "{value}"', f"{of}_{name} = ${{{name}}}"]
    return row | {"kind": "credential", "examples": examples, "counterexamples": counterexamples}


def token_rule(row: dict[str, Any]) -> dict[str, Any]:
    """The text rule of a row of `[[tokens]]`, as a pack would spell it out.

    ValueError says what is wrong with the row's form.
    """
    given = {key: value for key, value in row.items() if key not in ("form", "check", "near")}
    written = _listed(row["form"])
    forms = [form for each in written for form in _choices(each)]
    pattern = "|".join(_regex(form, _random) for form in written)
    leading = min(len(_leading(form)) for form in forms)
    last = "".join({_last_class(form) for form in forms})
    words = row.get("near", [])
    rule: dict[str, Any] = given | {
        "kind": "text",
        "keywords": words if words and leading <= _TELLING else list(dict.fromkeys(map(_keyword, forms))),
        "pattern": rf"{_left(leading)}(?P<secret>{pattern})(?![{_right(last)}])",
        "validators": [*row.get("check", ()), "not-placeholder", "live-mode"],
        "allow": [_regex(form, _filler) for form in written],
    }
    if words:
        rule["near"] = {"pattern": "(?i)" + "|".join(map(re.escape, words)), "lines": 5}
    about = f"{words[0]}: " if words else ""
    shown = [_fewest(form) for form in (forms[0], forms[-1])]
    rule["examples"] = row.get("examples") or [
        f"{about}log in with `{shown[0]}` and start the job again.\n",
        f'{about}client = connect("{shown[-1]}")\n',
    ]
    rule["counterexamples"] = [
        f"{about}log in with `{_blank(forms[0])}`\n",
        f"{about}connect({_leading(forms[0])}…) or connect(<{row['name']}>)\n",
    ]
    return rule


def _listed(form: str | Sequence[str]) -> list[str]:
    return [form] if isinstance(form, str) else list(form)


def _choices(form: str) -> Iterator[str]:
    """The form once for every way to take its alternatives, `(live|test)`."""
    pieces = re.split(_CHOICE, form)
    options = [piece.split("|") if index % 2 else [piece] for index, piece in enumerate(pieces)]
    for number, taken in enumerate(product(*options)):
        if number >= _MOST_CHOICES:
            raise ValueError(f"{form!r} has more than {_MOST_CHOICES} alternatives")
        yield "".join(taken)


def _regex(form: str, of_mark: Callable[[str, str], str]) -> str:
    """The form as a regular expression, its marks as `of_mark` writes a mark's name and its repeat."""
    made, at = "", 0
    while at < len(form):
        piece = re.compile(_PIECE).match(form, at)
        if piece is None:
            raise ValueError(f"{form!r} is broken at {form[at:]!r}")
        name, fewest, most, sign, text = piece.groups()
        if sign:
            made += "(?:" if sign == "(" else sign
        elif text:
            made += re.escape(text)
        elif name == "uuid" or (name in _CLASSES and fewest):
            made += of_mark(name, f"{{{fewest}{f',{most}' if most else ''}}}")
        else:
            raise ValueError(f"no such mark: {piece[0]}")
        at = piece.end()
    return made


def _random(name: str, repeat: str) -> str:
    return _UUID if name == "uuid" else f"[{_CLASSES[name]}]{repeat}"


def _filler(name: str, repeat: str) -> str:
    """What manuals print instead: a long prefix would otherwise make up for the missing randomness."""
    return "[0Xx-]{36}" if name == "uuid" else f"[0Xx]{repeat}"


def _leading(form: str) -> str:
    return form.partition("«")[0]


def _keyword(form: str) -> str:
    """What every such token begins with or, where a longer text follows that says more, that text."""
    leading = _leading(form).lower()
    longest = max(re.split(_MARK, form)[::4], key=len).lower()
    keyword = leading if len(leading) >= min(_TELLING, len(longest)) else longest
    if len(keyword) < _SHORTEST_KEYWORD:
        raise ValueError(f"{form!r} has no text to look for")
    return keyword


def _last_class(form: str) -> str:
    marks = list(re.finditer(_MARK, form))
    return _CLASSES.get(marks[-1][1], "") if marks else ""


def _left(leading: int) -> str:
    """What may not stand before a token: more of a word; if the prefix is short, a word and a hyphen neither."""
    return "(?<![A-Za-z0-9_])" + ("" if leading >= _TELLING else "(?<![A-Za-z0-9_]-)")


def _right(last: str) -> str:
    return "A-Za-z0-9_+/=-" if "+" in last else "A-Za-z0-9_-"


def _fewest(form: str) -> str:
    """The form with its shortest lengths, which is a template for examples."""
    return re.sub(_MARK, lambda mark: f"«{mark[1]}»" if mark[1] == "uuid" else f"«{mark[1]}:{mark[2]}»", form)


def _blank(form: str) -> str:
    """The form with the characters that a manual would print."""
    filler = {"digits": "0", "hex": "0", "HEX": "0", "upper": "X", "base32": "X", "BASE36": "X"}

    def blank(mark: re.Match[str]) -> str:
        if mark[1] == "uuid":
            return "00000000-0000-0000-0000-000000000000"
        return filler.get(mark[1], "x") * int(mark[2])

    return re.sub(_MARK, blank, form)

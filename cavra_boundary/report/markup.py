"""Untrusted text in Markdown and HTML: shown as it is, never interpreted.

GitHub and GitLab interpret more than Markdown's own syntax: `@name` notifies, `#1`, `!1`, `GH-1`, hashes and addresses
become links, `:word:` an emoji, `$…$` a formula; some of these even inside raw HTML, but none inside code. So anything
that is not clearly a plain word is shown as code, as is text between backticks.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cavra_boundary.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Callable

_QUOTED = re.compile("`([^`]+)`")
_BEFORE = "\"'(“„«"
_AFTER = ".,;:!?)\"'”»%…"
_PLAIN = re.compile(
    r"""(?!.*[wW]{3}\.)                         # www.example.com
    (?!.*\b(?:[gG][hH]-[0-9]|[0-9a-f]{7,40}\b)) # GH-1, a commit's hash
    (?:[^\W_]|[./,'’+=–—…-])*
    (?:[^\W_]|[–—…])""",
    re.VERBOSE,
)
_LIST_NUMBER = re.compile("[0-9]+[.)]")


def markdown(text: str) -> str:
    """A sentence as inline Markdown; not for Markdown table cells, where code cannot contain everything."""
    return _words(text, code_span)


def html(text: str) -> str:
    """A sentence as HTML for use within Markdown."""
    return _words(text, html_code)


def code_span(text: str) -> str:
    """Any text as Markdown code (CommonMark 6.1); empty if it is empty."""
    shown = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", shown)), default=0) + 1)
    pad = " " if shown[:1] in ("`", " ") or shown[-1:] in ("`", " ") else ""
    return f"{fence}{pad}{shown}{pad}{fence}" if shown else ""


def html_code(text: str) -> str:
    """Any text as HTML code."""
    return f"<code>{escaped(text)}</code>"


def escaped(text: str) -> str:
    """Any text, escaped for an element's content or a double-quoted attribute."""
    return printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _words(text: str, code: Callable[[str], str]) -> str:
    shown = ""
    for at, part in enumerate(_QUOTED.split(printable(text).strip())):
        made = code(part) if at % 2 else re.sub(r"\S+", lambda word: _word(word[0], code), part)
        # Two adjacent code spans would merge in Markdown.
        shown += f" {made}" if shown.endswith("`") and made.startswith("`") else made
    return shown


def _word(word: str, code: Callable[[str], str]) -> str:
    if _LIST_NUMBER.fullmatch(word):
        return code(word)
    rest = word.lstrip(_BEFORE)
    core = rest.rstrip(_AFTER)
    if not core or _PLAIN.fullmatch(core):
        return word
    return f"{word.removesuffix(rest)}{code(core)}{rest[len(core) :]}"

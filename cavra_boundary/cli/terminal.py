"""What the terminal can show, and printing to it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

import click

from cavra_boundary.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable


def say(lines: Iterable[str]) -> None:
    """Print lines that may contain untrusted text."""
    click.echo("\n".join(map(printable, lines)))


def color_wanted(choice: str, stream: TextIO) -> bool:
    """Whether to color what goes to this stream; NO_COLOR (no-color.org) and TERM=dumb decide for `auto`."""
    if choice != "auto":
        return choice == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def links_wanted(stream: TextIO) -> bool:
    """Whether the terminal is known to support OSC 8 hyperlinks; there is no way to ask it."""
    known = ("WT_SESSION", "KITTY_WINDOW_ID", "VTE_VERSION", "KONSOLE_VERSION", "WEZTERM_PANE", "GHOSTTY_RESOURCES_DIR")
    programs = ("iTerm.app", "vscode", "WezTerm", "ghostty", "Hyper")
    return stream.isatty() and (any(name in os.environ for name in known) or os.environ.get("TERM_PROGRAM") in programs)


def width(stream: TextIO) -> int:
    """Columns to lay text out in: the terminal's, or 100 in a pipe, where nothing wraps lines."""
    if not stream.isatty():
        return 100
    import shutil

    return shutil.get_terminal_size().columns

"""The report formats, each a module with a `render`.

A new format is a module here plus its line in `FORMATS`. A module is imported when its format is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cavra_boundary.model import Report
    from cavra_boundary.report.base import Render, RenderContext

_BLOCK = 256 * 1024  # characters

FORMATS = {
    "text": "text",
    "json": "json_report",
    "jsonl": "jsonl",
    "sarif": "sarif",
    "github": "github",
    "markdown": "markdown",
    "gitlab-secrets": "gitlab_secrets",
    "gitlab-quality": "gitlab_quality",
    "junit": "junit",
    "csv": "csv_report",
    "html": "html_report",
}


def renderer(format: str) -> Render:
    """The `render` of a format. KeyError for an unknown format."""
    render: Render = import_module(f"{__name__}.{FORMATS[format]}").render
    return render


def blocks(format: str, report: Report, context: RenderContext) -> Iterator[str]:
    """What `render` returns, in blocks of some size: a format that lists every finding makes it in `pieces`."""
    module = import_module(f"{__name__}.{FORMATS[format]}")
    if not hasattr(module, "pieces"):
        yield module.render(report, context)
        return
    waiting: list[str] = []
    length = 0
    for piece in module.pieces(report, context):
        waiting.append(piece)
        length += len(piece)
        if length > _BLOCK:
            yield "".join(waiting)
            waiting.clear()
            length = 0
    yield "".join(waiting)

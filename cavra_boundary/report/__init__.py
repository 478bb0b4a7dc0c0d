"""The report formats, each a module with a `render`.

A new format is a module here plus its line in `FORMATS`. A module is imported when its format is used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cavra_boundary.report.base import Render

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

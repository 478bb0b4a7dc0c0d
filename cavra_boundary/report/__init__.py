"""The formats a report can be rendered in, each one module with a `render`.

A new format is a module here plus its line in `FORMATS`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cavra_boundary.report import json_report, text

if TYPE_CHECKING:
    from cavra_boundary.report.base import Render

FORMATS: dict[str, Render] = {
    "json": json_report.render,
    "text": text.render,
}

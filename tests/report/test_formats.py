from __future__ import annotations

import importlib
import pkgutil

import pytest

from cavra_boundary import report

from . import make


def test_every_module_with_a_render_is_a_registered_format() -> None:
    names = [each.name for each in pkgutil.iter_modules(report.__path__)]
    rendering = {name for name in names if hasattr(importlib.import_module(f"{report.__name__}.{name}"), "render")}
    assert rendering == set(report.FORMATS.values())


def test_a_format_is_rendered_by_its_module() -> None:
    for format, module in report.FORMATS.items():
        assert report.renderer(format).__module__ == f"{report.__name__}.{module}"


@pytest.mark.parametrize("format", report.FORMATS)
def test_what_only_one_run_knows_is_in_no_report(format: str) -> None:
    """`identity` tells two weak values at one place apart; `renamed` is a fingerprint of version 1."""
    finding = make.finding(identity="one-run-only", renamed="abcd-012345")
    shown = report.renderer(format)(make.report(finding), make.context())
    assert make.FINDING.path in shown or "npmrc" in shown
    assert "one-run-only" not in shown
    assert "abcd-012345" not in shown

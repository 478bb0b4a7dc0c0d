from __future__ import annotations

import importlib
import pkgutil

from cavra_boundary import report


def test_every_module_with_a_render_is_a_registered_format() -> None:
    names = [each.name for each in pkgutil.iter_modules(report.__path__)]
    rendering = {name for name in names if hasattr(importlib.import_module(f"{report.__name__}.{name}"), "render")}
    assert rendering == set(report.FORMATS.values())


def test_a_format_is_rendered_by_its_module() -> None:
    for format, module in report.FORMATS.items():
        assert report.renderer(format).__module__ == f"{report.__name__}.{module}"

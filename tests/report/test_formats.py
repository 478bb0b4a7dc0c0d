from __future__ import annotations

import importlib
import pkgutil

from cavra_boundary import report


def test_every_module_with_a_render_is_a_registered_format() -> None:
    modules = [
        importlib.import_module(f"{report.__name__}.{each.name}") for each in pkgutil.iter_modules(report.__path__)
    ]
    renders = {module.render for module in modules if hasattr(module, "render")}
    assert renders == set(report.FORMATS.values())

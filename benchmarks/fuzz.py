"""Fuzzes with atheris what strangers' bytes reach: the targets of the test suite's short fuzz, for as long as you like.

    pip install atheris
    python -m benchmarks.fuzz scan -max_total_time=600

The first argument names a target of tests/fuzz_targets.py; the others are libFuzzer's. Seeds are made at run time, in a
temporary folder; what breaks a target is left in the current folder as `crash-…`.
"""

from __future__ import annotations

import sys
import tempfile
from importlib import import_module
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))


def main() -> None:
    try:
        atheris = import_module("atheris")
    except ImportError:
        raise SystemExit("atheris is not installed: pip install atheris") from None
    with atheris.instrument_imports(include=["cavra_boundary"]):
        fuzz = import_module("fuzz_targets")
    if len(sys.argv) < 2 or sys.argv[1] not in fuzz.TARGETS:
        raise SystemExit(f"name a target: {', '.join(fuzz.TARGETS)}")
    name = sys.argv.pop(1)
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(fuzz.seeds(name)):
            (Path(folder) / str(number)).write_bytes(seed)
        atheris.Setup([*sys.argv, folder], lambda data: fuzz.check(name, data))
        atheris.Fuzz()


if __name__ == "__main__":
    main()

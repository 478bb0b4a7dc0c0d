"""A report of very many findings is written as it is made."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from support import token

if TYPE_CHECKING:
    from pathlib import Path

    from support import Tool

_FILES = 40
_MEASURED = """
import sys
from pathlib import Path
from cavra_boundary.cli.main import main
try:
    main()
finally:
    # Not getrusage(): its maximum includes that of the process that forked this one.
    print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""


def _peak(tool: Tool, out: Path, files: int) -> int:
    """The greatest memory of a scan of some files with 500 tokens each, in KiB."""
    folder = tool.folder / str(files)
    folder.mkdir()
    content = "".join(f"{token(str(number))}\n" for number in range(500))
    for number in range(files):
        (folder / f"{number}.txt").write_text(content)
    arguments = ["scan", "--pack", str(tool.pack), "--jobs", "1", "--format", f"json={out}", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *arguments], stderr=subprocess.PIPE, check=False, timeout=100
    )
    assert done.returncode == 1
    return int(done.stderr.split()[-1])


@pytest.mark.skipif(sys.platform != "linux", reason="counts memory in KiB")
def test_memory_grows_little_with_each_finding(tool: Tool, tmp_path: Path) -> None:
    few, many = _peak(tool, tmp_path / "few.json", 1), _peak(tool, tmp_path / "many.json", _FILES)
    found = len(json.loads((tmp_path / "many.json").read_text())["findings"])
    assert found == 500 * _FILES
    # Bytes at the peak; as one document, it was more than 5,000. 300,000 findings take 184 MB in all.
    assert (many - few) * 1024 / found < 1200

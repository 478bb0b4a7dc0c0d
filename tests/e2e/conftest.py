"""What the tests of hostile repositories share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from traps import Trap

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def trap(tmp_path: Path) -> Trap:
    """A program that leaves a mark when it is run."""
    return Trap.made_in(tmp_path)

"""Flags for opening what strangers named: neither through a link nor as a terminal, and a FIFO returns at once.

A flag that the system does not have is left out.
"""

from __future__ import annotations

import os

BINARY = getattr(os, "O_BINARY", 0)  # Windows only
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
CLOSED_ON_EXEC = getattr(os, "O_CLOEXEC", 0)
DIRECTORY = getattr(os, "O_DIRECTORY", 0)

READ_FILE = (
    os.O_RDONLY | NO_FOLLOW | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | CLOSED_ON_EXEC | BINARY
)
READ_FOLDER = os.O_RDONLY | DIRECTORY | NO_FOLLOW | CLOSED_ON_EXEC
ENTER_FOLDER = getattr(os, "O_PATH", 0) | DIRECTORY | CLOSED_ON_EXEC
"""With O_PATH, a folder need not be readable. It follows links, unless NO_FOLLOW is added."""

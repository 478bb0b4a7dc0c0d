"""Keeps private things out of public repositories."""

__version__ = "0.1.0"

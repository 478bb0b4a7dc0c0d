"""Brings in the rules of other tools, each format one module, with a list of what could not be carried over."""

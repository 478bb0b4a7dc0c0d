"""Imports the rules of other tools, one module per format, with a list of what could not be carried over."""

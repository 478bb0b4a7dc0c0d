"""Benchmarks: cavra-boundary and its peers side by side on code that nobody here wrote. See README.md."""

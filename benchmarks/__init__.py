"""Benchmarks: cavra-boundary and its peers side by side, on third-party code. See README.md."""

"""Everything that knows git. `process` alone starts it."""

"""Everything that knows about git. Only `process` starts it."""

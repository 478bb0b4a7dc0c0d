"""Other tools' rules as packs."""

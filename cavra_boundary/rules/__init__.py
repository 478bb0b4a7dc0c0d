"""From TOML to rules: packs are read, combined, and kept in the cache."""

"""The tool's own TOML, each mistake with its line."""

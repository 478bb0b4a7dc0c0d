"""Evidence packets: what they may hold, and the gates of the known kinds."""

CHECKS = frozenset(
    (
        "ambiguous",
        "field-name",
        "free-text",
        "guessable-digest",
        "included",
        "inline-object",
        "long-text",
        "named-label",
        "not-a-reference",
        "number",
        "oversized",
        "private-field",
        "private-value",
        "reference-form",
        "reference-payload",
        "syntax",
        "unknown-key",
        "unmarked",
        "unsanitized",
        "wrong-type",
    )
)
"""Everything that can be wrong with a packet; a rule of kind `evidence` is named after one of them."""

"""A short fuzz of everything that reads what strangers wrote; `benchmarks/fuzz.py` runs the same targets for longer."""

from __future__ import annotations

import pytest
from fuzz_targets import PLANTED, TARGETS, check, scan, seeds
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = {"scan": 60, "stored report": 25, "pack": 25}
"""How many inputs a target gets that is slow; others get more."""

SPECIAL = [b"\0", b"\xff\xfe", b"\x1f\x8b\x08", b'{"a":' * 300, b"[" * 300, b"- " * 99, b'"', b"\r", b"\xed\xa0\x80"]
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["cut", "insert", "double", "flip", "splice"]),
        st.floats(0, 1, exclude_max=True),
        st.floats(0, 0.2),
        st.one_of(
            st.binary(max_size=12),
            st.sampled_from(SPECIAL),
        ),
    ),
    max_size=6,
)


def mutated(seed: bytes, other: bytes, edits: list[tuple[str, float, float, bytes]]) -> bytes:
    """A seed after edits: each names a place and a length as fractions of what there is."""
    data = seed
    for kind, place, length, text in edits:
        start = int(place * (len(data) + 1))
        end = min(len(data), start + int(length * len(data)) + 1)
        if kind == "cut":
            data = data[:start] + data[end:]
        elif kind == "insert":
            data = data[:start] + text + data[start:]
        elif kind == "double":
            data = data[:end] + data[start:]
        elif kind == "flip":
            data = data[:start] + bytes(byte ^ 0x20 for byte in data[start : start + 1]) + data[start + 1 :]
        else:
            data = data[:start] + other[int(place * len(other)) :]
    return data[:100_000]


@pytest.mark.parametrize("name", TARGETS)
def test_no_bytes_cause_anything_but_a_clear_error(name: str) -> None:
    known = seeds(name)

    @settings(max_examples=EXAMPLES.get(name, 120), suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.one_of(
            st.binary(max_size=200),
            st.builds(mutated, st.sampled_from(known), st.sampled_from(known), EDITS),
        )
    )
    def run(data: bytes) -> None:
        check(name, data)

    run()


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_reads_its_seeds(name: str) -> None:
    """A target that refused everything would find nothing."""
    for seed in seeds(name):
        if name in ("pack", "configuration", "baseline", "stored report", "gitleaks rules"):
            if b'name = "demo"' in seed or name != "pack":
                TARGETS[name](seed)
        else:
            check(name, seed)


def test_the_planted_secret_is_found() -> None:
    assert "demo.token" in scan(b"")
    assert PLANTED[8:] not in scan(b"")

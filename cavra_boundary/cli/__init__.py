"""The command line. This module runs before all others, so what it sets also applies while they are imported."""

import gc

# A run makes many small objects that live until it ends; checking them for cycles would take a tenth of the run.
gc.set_threshold(100_000, 50, 50)

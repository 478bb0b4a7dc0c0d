"""The command line. This module runs before all others: what it sets holds while they are imported, too."""

import gc

# A run makes many small objects that live to its end; looking through them for cycles would take a tenth of it.
gc.set_threshold(100_000, 50, 50)

"""Makes the double beside this file importable, and the helpers of tests/runtime."""

import sys
from pathlib import Path

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[2] / "runtime")]

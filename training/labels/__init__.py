"""Labels of other tools: read from what those export, checked, written for correction by hand.

`importing.py` makes a set of our own kind (docs/data.md) of them; `formats/` has a module for each
tool's files; `checking.py` says what is in a set; `exporting.py` writes one as COCO or CVAT. Knows
files and arrays, never networks.
"""

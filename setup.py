"""Refuses to build from a checkout whose links were lost; all else about the package stands in
pyproject.toml."""

import os
import sys

from setuptools import setup

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import catseye  # noqa: E402, F401  (its import is the check: a build without links would hold no packages)

setup()

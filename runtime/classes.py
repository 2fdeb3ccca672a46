"""The eleven CamVid classes, in the order of the official annotation, and the colours they are drawn in.

Ids are those of the SegNet version of CamVid (Brostow et al. 2008): pixel value = class id, 11 = void.
"""

from typing import Tuple

NAMES: Tuple[str, ...] = (
    "Sky", "Building", "Pole", "Road", "Pavement", "Tree", "SignSymbol", "Fence", "Car", "Pedestrian", "Bicyclist",
)
VOID = 11
ROAD = NAMES.index("Road")

# RGB, CamVid's own palette
COLOURS_RGB: Tuple[Tuple[int, int, int], ...] = (
    (128, 128, 128), (128, 0, 0), (192, 192, 128), (128, 64, 128), (0, 0, 192), (128, 128, 0),
    (192, 128, 128), (64, 64, 128), (64, 0, 128), (64, 64, 0), (0, 128, 192),
)

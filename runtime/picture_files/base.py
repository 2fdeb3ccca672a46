"""What is said of a picture file before it is decoded, and how one that is not taken is refused."""

from typing import NamedTuple

MOST_PIXELS = 1 << 26  # 8192 x 8192, more than any camera's: 200 MB once decoded
UPRIGHT = 1  # EXIF's orientation of a picture that is stored as it is seen
AGAIN = "copy it again, or leave it out"


class PictureHeader(NamedTuple):
    """kind: PNG, JPEG, ...  bits: of a sample, 8 or fewer or 16.  orientation: EXIF's, 1 to 8."""

    kind: str
    width: int
    height: int
    bits: int = 8
    orientation: int = UPRIGHT


class NotTaken(ValueError):
    """A picture that is not read. found: what the file is or has, without its name."""

    def __init__(self, found: str, expected: str, fix: str = AGAIN) -> None:
        super().__init__(found)
        self.found, self.expected, self.fix = found, expected, fix


def moving() -> NotTaken:
    return NotTaken("moves", "a single picture", "save its first picture by itself")


def cut_off(data: bytes) -> NotTaken:
    return NotTaken("is cut off, or damaged (%d bytes)" % len(data), "a whole picture file")

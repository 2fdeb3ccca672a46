"""The evaluation of sparse coders with engines whose answers are known."""

import numpy as np
import pytest
from cards import card_of, tensor
from sklearn.decomposition import sparse_encode

from catseye.runtime.datasets.bsds import (
    patches_from_image,
    read_photographs,
    sample_patches,
    unit_patches,
)
from catseye.runtime.evaluation import sparse
from catseye.runtime.evaluation.sparse import (
    GREY_FROM_BGR,
    evaluate_sparse_data,
    fista,
    noisy_picture,
)
from catseye.runtime.model_file.card import Card
from catseye.runtime.tasks.sparse import SparseSettings

ATOMS, STRIDE, ALPHA = 50, 5, 0.1


@pytest.fixture(scope="module")
def dictionary() -> np.ndarray:
    return np.ascontiguousarray(sample_patches(read_photographs("demo", "train"), ATOMS, 10, 1).T)


@pytest.fixture(scope="module")
def card(dictionary) -> Card:
    packed = dictionary.astype("<f4").tobytes()
    settings = SparseSettings(10, STRIDE, ALPHA, ATOMS, 1, 0.2, packed)
    return card_of("sparse", (tensor("frame", 1, 90, 120, 3),), (), settings=settings)


class PerfectCoder:
    """Codes by FISTA plus a fixed error; its rebuilt picture is the frame as it came."""

    def __init__(self, dictionary: np.ndarray, error: float) -> None:
        self.dictionary, self.error = dictionary, error

    def infer(self, arrays: dict) -> dict:
        grey = arrays["frame"][0] @ GREY_FROM_BGR
        x, lively = unit_patches(patches_from_image(grey, 10, STRIDE))
        code = np.zeros((len(lively), ATOMS), np.float32)
        code[lively] = fista(x, self.dictionary, ALPHA, sparse.ITERATIONS) + self.error
        rows, columns = (90 - 10) // STRIDE + 1, (120 - 10) // STRIDE + 1
        return {
            "code": code.T.reshape(1, ATOMS, rows, columns),
            "rebuilt": np.rint(grey).astype(np.uint8)[None],
        }


@pytest.fixture(autouse=True)
def short(monkeypatch):
    monkeypatch.setattr(sparse, "ITERATIONS", 100)


@pytest.mark.parametrize("error", [0.0, 0.1])
def test_code_mse_is_the_squared_error_that_was_put_in(dictionary, card, error):
    answer = evaluate_sparse_data(PerfectCoder(dictionary, error), card, "demo", "val")
    assert answer["code_mse"] == pytest.approx(error**2, abs=1e-6)
    assert answer["n"] == 2


def test_a_picture_handed_through_is_as_noisy_as_it_came(dictionary, card, tmp_path):
    answer = evaluate_sparse_data(PerfectCoder(dictionary, 0), card, "demo", "val", str(tmp_path))
    assert answer["psnr"] == pytest.approx(answer["psnr_noisy"])
    # 10 log10(255^2 / 20^2) = 22.1, a little more where values are clipped
    assert 21.5 < answer["psnr"] < 23.5
    assert sorted(path.name for path in tmp_path.iterdir()) == ["china.png", "flower.png"]


def test_the_numpy_fista_finds_scikit_learns_codes(dictionary):
    x = sample_patches(read_photographs("demo", "val"), 50, 10, 0)
    theirs = sparse_encode(
        x.astype(float), dictionary.T.astype(float), algorithm="lasso_lars", alpha=ALPHA
    )
    assert abs(fista(x, dictionary, ALPHA, 500) - theirs).max() < 1e-3


def test_noise_has_its_sigma_and_no_colour():
    grey = np.full((200, 200, 3), 128, np.uint8)
    noisy = noisy_picture(grey, np.random.RandomState(0), 20.0)
    assert (noisy[..., 0] == noisy[..., 2]).all()
    assert noisy[..., 0].std() == pytest.approx(20, rel=0.02)

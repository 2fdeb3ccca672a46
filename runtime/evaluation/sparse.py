"""Sparse coding on photographs: how near the codes are to the best ones, and how well a noisy
picture is rebuilt.

Knows the protocol of the patches and a FISTA in NumPy, the same method that made the targets of the
training; knows nothing of networks: the dictionary W_d comes with the card.
"""

import os
from typing import List, Optional, Sequence, Tuple

import cv2
import numpy as np

from catseye.runtime.datasets.bsds import (
    GREY_FROM_BGR,
    name_of_photographs,
    patches_from_image,
    read_photographs,
    unit_patches,
)
from catseye.runtime.draw import FONT
from catseye.runtime.engines import Engine
from catseye.runtime.evaluation.base import Evaluation, Watch, learned_by_name, unwatched
from catseye.runtime.evaluation.metrics import psnr
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card
from catseye.runtime.pictures import save_png
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.letterbox import Placement
from catseye.runtime.tasks.sparse import SparseSettings, SparseTask

CAPTION_ROWS = 22
NOISE = 20.0  # standard deviation in grey levels
PATCHES = 50  # of each photograph, drawn at random
# of FISTA: for unit-norm patches the codes then stand to about 1e-8 in the mean square
ITERATIONS = 500


def evaluate_sparse_data(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """{code_mse, psnr, psnr_noisy, n} over the split's photographs, brought to the model's size.

    code_mse: mean of (code - z*)^2 over the atoms of PATCHES random patches of each clean
    photograph that are not near constant; z* = argmin E for the patch of mean 0 and norm 1, by
    FISTA.  None for a coder that scales by the noise: it was taught to rebuild, not to come near
    z*.
    psnr: mean over the photographs, in dB, of the picture rebuilt from a noisy one (Gaussian,
    NOISE) against the clean one; psnr_noisy: of the noisy one itself.  n: number of photographs.
    Raises CatseyeError where there are none.
    """
    task, random = SparseTask(card), np.random.RandomState(0)
    errors: List[np.ndarray] = []
    ratios: List[Tuple[float, float]] = []
    photographs = read_photographs(data, split)
    for index, photograph in enumerate(watch(photographs)):
        image = cv2.cvtColor(photograph.image, cv2.COLOR_GRAY2BGR)
        frame = Frame(image, index, now_ns(), photograph.name)
        inputs, place = task.prepare(frame)
        picture = inputs[task.input_name][0]
        if task.settings.scale != "noise":
            code = engine.infer(inputs)["code"][0]
            errors.append(code_errors(code, picture, task.settings, random))
        truth, before, after = _denoised(engine, task, picture, place, random)
        noisy_db, denoised_db = psnr(truth, before), psnr(truth, after)
        ratios.append((noisy_db, denoised_db))
        if pictures:
            captions = ("original", "noisy, %.1f dB" % noisy_db, "denoised, %.1f dB" % denoised_db)
            sheet = side_by_side((truth, before, after), captions)
            save_png(os.path.join(pictures, frame.name + ".png"), sheet)
    mean_noisy_db, mean_denoised_db = np.mean(ratios, axis=0)
    return {
        "code_mse": float(np.mean(np.concatenate(errors))) if errors else None,
        "psnr": float(mean_denoised_db),
        "psnr_noisy": float(mean_noisy_db),
        "n": len(photographs),
    }


def code_errors(
    code: np.ndarray, picture: np.ndarray, settings: SparseSettings, random: np.random.RandomState
) -> np.ndarray:
    """(K, m): squared differences between the graph's codes (m, h, w) of `picture` (H, W, 3) BGR
    and FISTA's."""
    patches = patches_from_image(picture @ GREY_FROM_BGR, settings.patch, settings.stride)
    x, lively = unit_patches(patches)
    places = np.flatnonzero(lively)
    chosen = random.permutation(len(places))[:PATCHES]
    truth = fista(x[chosen], settings.dictionary_matrix(), settings.alpha, ITERATIONS)
    return (code.reshape(len(code), -1).T[places[chosen]] - truth) ** 2


def fista(x: np.ndarray, dictionary: np.ndarray, alpha: float, iterations: int) -> np.ndarray:
    """(P, n) patches -> (P, m) codes: FISTA (Beck and Teboulle 2009) from 0, restarted every 100
    iterations."""
    bound = np.linalg.norm(dictionary, 2) ** 2
    drive, inhibition = x @ dictionary / bound, dictionary.T @ dictionary / bound
    z = y = np.zeros_like(drive)
    t = 1.0
    for k in range(iterations):
        last, v = z, y + drive - y @ inhibition
        z = np.sign(v) * np.maximum(np.abs(v) - alpha / bound, 0)
        t_last = 1.0 if k % 100 == 0 else t
        t = (1 + np.sqrt(1 + 4 * t_last * t_last)) / 2
        y = z + (t_last - 1) / t * (z - last)
    return z


def _denoised(
    engine: Engine,
    task: SparseTask,
    clean: np.ndarray,
    place: Placement,
    random: np.random.RandomState,
) -> Tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A picture (H, W, 3) of the model's size, the noisy one made of it and what the model makes of
    that: grey, without the letterbox's bars."""
    noisy = noisy_picture(clean, random)
    rebuilt = engine.infer({task.input_name: noisy[None]})["rebuilt"][0]
    inside = (slice(place.y, place.y + place.height), slice(place.x, place.x + place.width))
    return clean[inside][..., 0], noisy[inside][..., 0], rebuilt[inside]


def noisy_picture(
    picture: np.ndarray, random: np.random.RandomState, sigma: float = NOISE
) -> np.ndarray:
    """(H, W, 3) uint8 with the same Gaussian noise of `sigma` grey levels on all three colours."""
    noise = random.normal(0, sigma, picture.shape[:2])[..., None]
    return np.clip(np.rint(picture + noise), 0, 255).astype(np.uint8)


def side_by_side(pictures: Sequence[np.ndarray], captions: Sequence[str]) -> np.ndarray:
    """(H, W) grey pictures next to each other, a caption over each."""
    columns = []
    for picture, caption in zip(pictures, captions):
        band = np.zeros((CAPTION_ROWS, picture.shape[1]), np.uint8)
        cv2.putText(band, caption, (6, CAPTION_ROWS - 7), FONT, 0.45, 255, 1, cv2.LINE_AA)
        columns.append(np.vstack((band, picture)))
    return np.hstack(columns)


SPARSE = Evaluation(
    evaluate_sparse_data,
    headline="psnr",
    allowed_loss=0.05,
    int8_loss=0.3,
    learned=learned_by_name(name_of_photographs),
)

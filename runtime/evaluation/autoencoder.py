"""The autoencoder on photographs: how much of their patches it gives back, and how unfamiliar it
finds them.

Knows photographs and the graph's answers; nothing of networks.
"""

import os
from typing import Optional

import cv2
import numpy as np

from catseye.runtime.datasets.bsds import (
    GREY_FROM_BGR,
    name_of_photographs,
    patches_from_image,
    read_photographs,
    unit_patches,
)
from catseye.runtime.engines import Engine
from catseye.runtime.evaluation.base import Evaluation, Watch, learned_by_name, unwatched
from catseye.runtime.frame import Frame, now_ns
from catseye.runtime.model_file.card import Card
from catseye.runtime.pictures import save_png
from catseye.runtime.system.json_document import JsonObject
from catseye.runtime.tasks.autoencoder import AutoencoderTask


def evaluate_autoencoder_data(
    engine: Engine,
    card: Card,
    data: str,
    split: str,
    pictures: Optional[str] = None,
    watch: Watch = unwatched,
) -> JsonObject:
    """{explained, unfamiliar, n} over the split's photographs, brought to the model's size; rates
    0-1.

    explained: 1 - mean ||x - h(x)||^2 over the patches x of norm 1 that are not near constant.
    unfamiliar: share of the photographs whose score is above 0.5.  n: number of photographs.
    pictures: a folder for the heat of each. Raises CatseyeError where there are no photographs.
    """
    task = AutoencoderTask(card)
    errors, scores = [], []
    photographs = read_photographs(data, split)
    for index, photograph in enumerate(watch(photographs)):
        image = cv2.cvtColor(photograph.image, cv2.COLOR_GRAY2BGR)
        frame = Frame(image, index, now_ns(), photograph.name)
        inputs, kept = task.prepare(frame)
        outputs = engine.infer(inputs)
        grey = inputs[task.input_name][0] @ GREY_FROM_BGR
        lively = unit_patches(patches_from_image(grey, task.patch, task.stride))[1]
        errors.append(outputs["error"].ravel()[lively])
        result = task.parse(outputs, kept)
        scores.append(result.score)
        if pictures:
            save_png(os.path.join(pictures, frame.name + ".png"), result.drawn_on(frame.image))
    return {
        "explained": 1 - float(np.concatenate(errors).mean()),
        "unfamiliar": float(np.mean(np.array(scores) > 0.5)),
        "n": len(photographs),
    }


AUTOENCODER = Evaluation(
    evaluate_autoencoder_data,
    headline="explained",
    allowed_loss=0.001,
    int8_loss=0.02,
    learned=learned_by_name(name_of_photographs),
)

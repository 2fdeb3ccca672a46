"""Recipe for the road network: annotated frames (and synthetic streets), other cameras and other
light.

Loss: cross-entropy with classes weighted by rarity, a choice that a label leaves by the sum of its
classes (`training/road/losses.py`), plus the soft Jaccard loss that the metric asks for, plus the
auxiliary head's cross-entropy; where a teacher is named, plus the distance to its answers wherever
no label names a class (Hinton et al. 2015). Validation at the size of a camera's frame.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor, nn

from catseye.models.checkpoint import Checkpoint
from catseye.models.road import (
    LAST_LAYERS,
    LITE_LARGE,
    LITE_NANO,
    LiteRoadConfig,
    LiteRoadNet,
    RoadNetwork,
    doubled,
)
from catseye.models.road.imagenet import take_imagenet_weights
from catseye.runtime.classes import CAMVID, table_of_checkpoint
from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.camvid import street_samples
from catseye.runtime.datasets.partial import allowed_by_code
from catseye.runtime.datasets.road_frames import RoadSample
from catseye.runtime.engines.cpu import usable_cores
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import Json, JsonObject
from catseye.training.augmentation import Shot, augment
from catseye.training.augmentation.scene import scene_of, with_not_road
from catseye.training.frames import MEMORY_BYTES, Example, Frames
from catseye.training.ordered_map import ordered_map
from catseye.training.progress import told
from catseye.training.recipes.recipe import batch_size
from catseye.training.recipes.rows.row import Beginning
from catseye.training.road.frame_size import box_of
from catseye.training.road.judging import MEAN_MIOU, Judges
from catseye.training.road.losses import (
    distance_to_answers,
    label_loss,
    labelled_pixels,
    soft_jaccard_loss,
    thinned,
)
from catseye.training.road.prediction import (
    network_input_from_bgr,
)
from catseye.training.road.quick_on_cpu import quick_on_cpu
from catseye.training.road.sampling import (
    Facts,
    draw_weights,
    drawn,
    facts_of,
    rare_classes,
    rare_pixel,
)
from catseye.training.road.sets import RoadSets, name_of_its_own
from catseye.training.road.soft_answers import LARGE_WH, WHOLE, SoftAnswers, Teacher
from catseye.training.road.temperature import fitted_temperature
from catseye.training.road.unlabelled import UnlabelledPicture, unlabelled_frames

CROP_WH, LARGE_CROP_WH = (448, 352), (672, 512)
BATCH = 8
TEMPERED = 24  # frames at least, where there are as many, that the confidence is fitted to
STOCHASTIC_DEPTH = 0.05
STREETS = 120  # synthetic frames mixed in
FIRST_STREET = 10_000  # seeds apart from those of the demo splits
MAKERS = 8  # batches that are made at once at most
ASKED = 0.1  # share of the pixels without a class of their own, from which the teacher is asked


class RoadRecipe:
    """Train on `train` without the held-out sequence; validate on that sequence, else on `val`."""

    task, metric = "road", "miou"
    learning_rates = {"adamw": 2e-3, "sgd": 0.05, "entropy-sgd": 0.1}
    weight_decay = 0.01
    averaging = 0.998
    mixed_precision = True
    # of the loss, beside a whole cross-entropy
    jaccard_share, auxiliary_share, teacher_share = 0.5, 0.4, 1.0
    coarse = 0.5  # share of the training that sees everything at half the size
    enough_steps = 1000  # for classes of one's own, from the encoder's published weights
    share, zoom = 0.0, 1.0  # of the training that is over; of every frame

    def __init__(
        self,
        data: str | Sequence[str],
        seed: int = 0,
        *,
        hold_out: str | None = None,
        nano: bool = False,
        large: bool = False,
        teacher: Path | None = None,
        unlabelled: Sequence[str] = (),
        streets: int = STREETS,
        with_val: bool = False,
        pretrained: str = "imagenet",
        size: tuple[int, int] | None = None,
        batch: int = 0,
    ) -> None:
        """data: one set or several.  nano: the network for small boards.  large: one for
        no board, which sees more pixels and is to teach.  teacher: a checkpoint whose answers are
        learned where no label names a class.  unlabelled: folders of pictures and videos that only
        the teacher tells about.

        with_val: train on `val` too, once everything is chosen: what is still measured there says
        nothing any more.  pretrained: what the encoder is to `begin` with, "imagenet" or "none".
        size: width and height of the box that frames are shrunk into; None: that of the data
        (`frame_size.box_of`).  batch: crops to a batch; 0 for the recipe's number.

        Raises CatseyeError for data without frames or of other classes, for a teacher of other
        classes, and for a batch of more frames than there are.
        """
        self.pretrained, self.large = pretrained, large
        self.seed, self.hold_out = seed, hold_out
        folders = (data,) if isinstance(data, str) else tuple(data)
        self.sets = RoadSets(folders, hold_out, with_val)
        self.classes, self.partials = (
            self.sets.classes,
            with_not_road(self.sets.classes, self.sets.partials),
        )
        self.scene = scene_of(self.classes, self.partials)
        # before all frames are read: what may be wrong with these is told at once
        self.teacher = Teacher(teacher, self.classes.names) if teacher else None
        self.taught: dict[str, list[Example]] = {}
        for path in unlabelled:
            frames = unlabelled_frames(path, LARGE_WH)
            self.taught[name_of_its_own(frames[0].sequence, self.taught)] = frames
            pictures = [each.path for each in frames if isinstance(each, UnlabelledPicture)]
            self.sets.refuse_learned(pictures, f"--unlabelled {path}")
        # the box that frames are shrunk into, as in the model file
        self.frame_wh = size or (LARGE_WH if large else box_of(self.sets.training))
        self.makers = min(MAKERS, usable_cores())
        self.streets = 0 if DEMO in folders or self.classes != CAMVID else streets
        classes = len(self.classes.names)
        config = replace(
            LITE_LARGE if large else LITE_NANO if nano else LiteRoadConfig(),
            classes=classes,
            stochastic_depth=STOCHASTIC_DEPTH,
        )
        torch.manual_seed(seed)
        self.network: nn.Module = quick_on_cpu(LiteRoadNet(config))
        self.judges = Judges(
            self.sets.judges(),
            self.classes,
            self.sets.partials,
            partial(self._frames, memory_bytes=0),
        )
        self.validation = self.judges.first
        if len(self.judges.sets) > 1:
            self.metric = MEAN_MIOU
        self.allowed = torch.from_numpy(allowed_by_code(classes, self.partials))
        mixed: list[Example] = [*self.sets.training[0], *_streets(self.streets)]
        self.train_on([mixed, *self.sets.training[1:], *self.taught.values()])
        self._tell_what_lacks()
        self.batch = batch_size(batch, BATCH, len(self.train))

    def _frames(self, samples: Sequence[Example], memory_bytes: int = MEMORY_BYTES) -> Frames:
        return Frames(samples, memory_bytes, self.frame_wh, enlarge=self.large)

    def train_on(self, groups: Sequence[Sequence[Example]]) -> None:
        """Take these frames, a group for each set, and ask the teacher where much of one has no
        class of its own. What is labelled is learned from its label alone: of rare classes it knows
        more than any teacher."""
        self.train = self._frames([each for group in groups for each in group])
        of_set = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
        facts, classes = facts_of(self.train), len(self.classes.names)
        self.facts = facts
        self.draw_weights = draw_weights(facts, of_set, classes)
        self.class_weights = self.rarity_weights = self._rarity(facts)
        self.rare = rare_classes(self.draw_weights, facts, classes)
        asked = np.flatnonzero(facts.undecided(classes) > ASKED).tolist()
        self.answers = (
            SoftAnswers(self.teacher, self.train, asked, self.frame_wh, self.classes.road)
            if self.teacher and asked
            else None
        )

    def _tell_what_lacks(self) -> None:
        """Name the classes that no frame of the sets has, and a teacher whom nobody asks. Raises
        CatseyeError for a set of which no pixel is labelled, where nobody else tells what is in
        it."""
        pixels = self._pixels_of_sets()  # (sets, CODES)
        for one, frames, found in zip(self.sets.all, self.sets.training, pixels):
            if not self.teacher and not found[~self.allowed.numpy().all(1)].any():
                raise CatseyeError(
                    f"no pixel of the {len(frames)} frames of {one.name} to train on has a label",
                    "one at least that is not void",
                    "see `void` and the ids of classes.json",
                )
        missing = [name for name, count in zip(self.classes.names, pixels.sum(0)) if not count]
        if missing:
            teller = "the teacher" if self.teacher else "the synthetic streets" * bool(self.streets)
            told(
                f"in none of the {sum(map(len, self.sets.training))} frames to train on:"
                f" {', '.join(missing)};"
                f" {f'learned from {teller} alone' if teller else 'the network cannot learn them'}"
            )
        if self.teacher and self.answers is None:
            told(
                f"the teacher {self.teacher.name} is not asked: labels name a class nearly"
                " everywhere; --unlabelled names frames without them"
            )

    def _pixels_of_sets(self) -> np.ndarray:
        """(sets, CODES) int64 pixels of each set's own frames by code."""
        first, *others = map(len, self.sets.training)
        groups = np.split(self.facts.codes, np.cumsum([first, self.streets, *others]))
        return np.stack([rows.sum(0) for rows in (groups[0], *groups[2:-1])])

    def effort(self, share: float) -> float:
        """The time of an epoch, compared with one at the end."""
        return 0.25 if share < self.coarse else 1.0

    def _rarity(self, facts: Facts) -> Tensor:
        """(256,) float32 by code, 1 / ln(1.05 + p) scaled to mean 1 over the labelled pixels:
        ENet's weighting (Paszke et al. 2016), milder. p: how often what the code allows is drawn.
        """
        drawn_codes = self.draw_weights @ (facts.codes / facts.codes.sum(1, keepdims=True))
        classes = len(self.classes.names)
        frequencies = drawn_codes[:classes] / max(drawn_codes[:classes].sum(), 1e-9)
        weights = 1 / np.log(1.05 + self.allowed.numpy() @ frequencies)
        mean = (weights[:classes] * frequencies).sum()
        return torch.tensor(weights / (mean or 1), dtype=torch.float32)

    def begin(self) -> Beginning:
        """Give the encoder its first weights. Raises CatseyeError where their package is not
        installed."""
        if self.pretrained == "none":
            return Beginning()
        return Beginning(*take_imagenet_weights(cast(LiteRoadNet, self.network)))

    def follow(self, checkpoint: Checkpoint) -> tuple[str, ...]:
        """Train a network of this kind, at random still, where it is another than the recipe's. Its
        last layers are to be new where its classes are others, or in another order."""
        network = checkpoint.network
        if type(network) is not type(self.network):
            config = replace(
                cast(RoadNetwork, network).config,
                classes=len(self.classes.names),
                stochastic_depth=STOCHASTIC_DEPTH,
            )
            self.network = quick_on_cpu(type(network)(config))
        same = table_of_checkpoint(checkpoint.meta.data).names == self.classes.names
        return () if same else LAST_LAYERS

    def anneal(self, share: float) -> None:
        """First everything is seen at half the size, in a quarter of the time. Towards the end
        other cameras come closer to the frames' own (`augment`), and rare classes weigh less.

        Their weights make them learned; kept to the end, they would have them answered too often.
        """
        self.share, self.zoom = share, 0.5 if share < self.coarse else 1.0
        self.class_weights = self.rarity_weights ** (1 - share / 2)

    def steps_per_epoch(self) -> int:
        return max(1, len(self.train) // self.batch)

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, ...]]:
        """(N, 3, H, W) float32 normalised RGB and (N, H, W) int64 codes; with a teacher also
        (N, C, H / 2, W / 2) uint8 answers."""
        return self.share_of_batches(epoch, 0, 1)

    def share_of_batches(self, epoch: int, rank: int, number: int) -> Iterator[tuple[Tensor, ...]]:
        """Every `number`-th of the epoch's batches, from the `rank`-th on."""
        steps = self.steps_per_epoch()
        size = min(self.batch, len(self.train))
        rng = np.random.default_rng((self.seed, epoch))
        order = drawn(self.draw_weights, steps * size, rng)
        places = [range(step * size, (step + 1) * size) for step in range(rank, steps, number)]
        batches = [[(place, int(order[place])) for place in each] for each in places]
        return ordered_map(partial(self._batch, epoch), batches, self.makers)

    def _batch(self, epoch: int, chosen: Sequence[tuple[int, int]]) -> tuple[Tensor, ...]:
        shots = [self._shot((self.seed, epoch, place), index) for place, index in chosen]
        images = network_input_from_bgr(np.stack([shot.image for shot in shots]))
        masks = torch.from_numpy(np.stack([shot.mask for shot in shots])).long()
        if self.answers is None:
            return images, masks
        return images, masks, _stacked_answers(shots, len(self.classes.names))

    def _shot(self, key: tuple[int, ...], index: int) -> Shot:
        """A training frame as another camera in other light sees it; key: of the randomness."""
        image, mask = self.train[index]
        answers = self.answers.of(index, mask.shape) if self.answers else None
        whole_wh = crop_of(self.frame_wh, LARGE_CROP_WH if self.large else CROP_WH)
        size_wh = half_crop(whole_wh) if self.zoom < 1 else whole_wh
        rng = np.random.default_rng(key)
        focus = rare_pixel(mask, self.rare, rng)
        shot = Shot(image, mask, answers)
        return augment(shot, size_wh, rng, self.share, self.zoom, self.scene, focus)

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        images, masks, *answers = batch
        logits, deep_logits = cast(RoadNetwork, network).logits(images)
        deep_logits = doubled(doubled(deep_logits))
        weights, allowed = (each.to(images.device) for each in (self.class_weights, self.allowed))
        kept = thinned(masks, logits)
        log_p, codes = labelled_pixels(logits, kept)
        deep_log_p, deep_codes = labelled_pixels(deep_logits, thinned(masks, deep_logits))
        loss = (
            label_loss(log_p, codes, allowed, weights)
            + self.jaccard_share * soft_jaccard_loss(log_p.exp(), codes, allowed)
            + self.auxiliary_share * label_loss(deep_log_p, deep_codes, allowed, weights)
        )
        for each in answers:
            step = each.shape[2] // logits.shape[2]
            p = each[:, :, ::step, ::step].float() / WHOLE
            loss = loss + self.teacher_share * distance_to_answers(logits, p, kept, allowed)
        return loss

    def evaluate(self, network: nn.Module, device: torch.device) -> Mapping[str, Json]:
        found, labelled = self.judges.measure(network, device), self.judges.of_a_class
        some = labelled[:: max(1, len(labelled) // TEMPERED)]
        temperature = fitted_temperature(network, some, device)
        return found if temperature is None else {**found, "temperature": temperature}

    def pictures(self, network: nn.Module, device: torch.device) -> dict[str, np.ndarray]:
        """A few validation frames, each with its annotation on the left and the network's answer on
        the right."""
        return self.judges.pictures(network, device)

    def describe_data(self) -> JsonObject:
        description: JsonObject = self.sets.describe() | {"frames": len(self.train)}
        description |= {
            "streets": self.streets,
            "hold_out": self.hold_out,
            "validated_on": self.hold_out or "val",
            "frame_wh": list(self.frame_wh),
        }
        if self.classes != CAMVID:
            description["classes"] = self.classes.as_json()
        if self.teacher is not None:
            description["teacher"] = self.teacher.name
        if self.taught:
            description["unlabelled"] = {name: len(each) for name, each in self.taught.items()}
        return description


def _streets(number: int) -> list[RoadSample]:
    """Synthetic streets, every third one without kerbs."""
    samples = street_samples(FIRST_STREET, number)
    return [each._replace(kerbs=each.seed % 3 > 0) for each in samples]


def crop_of(frame_wh: tuple[int, int], most_wh: tuple[int, int]) -> tuple[int, int]:
    """The crop of a frame, no larger than it is but for what makes multiples of 32."""
    width, height = (min(most, -(-side // 32) * 32) for side, most in zip(frame_wh, most_wh))
    return width, height


def half_crop(size_wh: tuple[int, int]) -> tuple[int, int]:
    """Half the sides, up to multiples of 32, which suit every road network."""
    return -(-size_wh[0] // 64) * 32, -(-size_wh[1] // 64) * 32


def _stacked_answers(shots: Sequence[Shot], classes: int) -> Tensor:
    """(N, C, H / 2, W / 2) uint8; 0 for shots that nobody was asked about."""
    height, width = (side // 2 for side in shots[0].mask.shape)
    none = np.zeros((height, width, classes), np.uint8)
    rows = [none if shot.answers is None else shot.answers for shot in shots]
    return torch.from_numpy(np.stack(rows)).permute(0, 3, 1, 2)

"""The data sets of one training: opened under one class table, split into what is trained on and
what judges.

Knows sets, splits and samples; does not read a frame.
"""

import os
from collections.abc import Container, Iterable, Sequence

from catseye.runtime.datasets import DEMO
from catseye.runtime.datasets.learned import AND
from catseye.runtime.datasets.one_table import under_one_table
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.datasets.road_frames import RoadData, RoadSample
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject


class RoadSets:
    """The sets at `folders`; the first one's class table is that of all.

    A sequence to hold out is left out of the set that has it, which it then judges; the other sets
    are judged by their `val`. Raises CatseyeError for sets of other classes, without frames, for
    one that is named twice, for a picture that is learned and judges, and where no set has the
    sequence.
    """

    def __init__(
        self, folders: Sequence[str], hold_out: str | None = None, with_val: bool = False
    ) -> None:
        self.folders = tuple(folders)
        refuse_twice("--data", self.folders)
        self.all = under_one_table([open_road_data(folder) for folder in folders])
        self.hold_out, self.with_val = hold_out, with_val
        self.classes, self.partials = self.all[0].classes, self.all[0].partials
        self._held = [self._has_held(one) for one in self.all]
        if hold_out is not None and not any(self._held):
            self.all[0].samples("train", hold_out)  # which says what there is
        self.training = [self._of_training(one, held) for one, held in zip(self.all, self._held)]
        for one, samples in zip(self.all, self.training):
            self.refuse_learned([sample.image_path for sample in samples], f"train of {one.name}")

    def judges(self) -> dict[str, list[RoadSample]]:
        """The validation frames of each set, by a name of its own."""
        found: dict[str, list[RoadSample]] = {}
        for one, held in zip(self.all, self._held):
            samples = one.samples(self.hold_out if held and self.hold_out else "val")
            found[name_of_its_own(one.name, found)] = samples
        return found

    def words(self) -> str:
        """How many frames of each set are trained on and how many judge."""
        judges = self.judges().items()
        return ", ".join(
            f"{name}: {len(frames)} frames to train on, {len(judging)} to validate on"
            for frames, (name, judging) in zip(self.training, judges)
        )

    def describe(self) -> JsonObject:
        """Names and splits as one text; the frames of each set where there are several."""
        splits = " train val" if self.with_val else " train"
        named = zip(self.folders, self.all)
        text = AND.join(
            one.name + ("" if at == DEMO and not self.with_val else splits) for at, one in named
        )
        counts = [len(samples) for samples in self.training]
        return {"name": text} | ({"frames_by_set": counts} if len(counts) > 1 else {})

    def refuse_learned(self, paths: Iterable[str], where: str) -> None:
        """Raises CatseyeError where a validation frame is one of these picture files, through links
        or folders in each other, unless `val` is trained on anyway. where: they are named."""
        learned = {os.path.realpath(path) for path in paths if path}
        for name, samples in self.judges().items() if not self.with_val else ():
            seen = [s.image_path for s in samples if os.path.realpath(s.image_path) in learned]
            if seen:
                raise CatseyeError(
                    f"{seen[0]}, to validate {name} on, is in {where} too"
                    + f" (and {len(seen) - 1} more)" * (len(seen) > 1),
                    "validation frames that are not trained on",
                    "leave them out there",
                )

    def _has_held(self, one: RoadData) -> bool:
        if self.hold_out is None:
            return False
        splits = [split for split in one.splits if split != "test"]
        return any(s.sequence == self.hold_out for split in splits for s in one.list_split(split))

    def _of_training(self, one: RoadData, held: bool) -> list[RoadSample]:
        hold_out = self.hold_out if held else None
        samples = one.samples("train", hold_out)
        if self.with_val:
            samples = samples + [s for s in one.samples("val") if s.sequence != hold_out]
        return samples


def name_of_its_own(name: str, taken: Container[str]) -> str:
    """The name, with a dash for each of the same name before it."""
    while name in taken:
        name += "'"
    return name


def refuse_twice(flag: str, paths: Sequence[str]) -> None:
    """Raises CatseyeError for frames that an option names twice: they would be drawn, and judge,
    twice as often."""
    places = [path if path == DEMO else os.path.realpath(path) for path in paths]
    for number, place in enumerate(places):
        if place in places[:number]:
            same = paths[places.index(place)]
            raise CatseyeError(
                f"{flag} {same} and {flag} {paths[number]} are the same frames",
                "each of them once",
                "leave one out",
            )

"""Golden frames: a few inputs with the source network's answers, carried inside the model file.

Any machine can check an engine with them, without torch and without data. Knows named arrays;
neither frames nor networks. Serialised as a compressed NumPy archive, no pickles.
"""

from typing import Any, Callable, List, Mapping, NamedTuple, Optional, Sequence, Tuple

import numpy as np

from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.arrays import arrays_from_bytes, bytes_from_arrays
from catseye.runtime.model_file.tensors import Arrays, TensorSpec, described
from catseye.runtime.system.json_document import JsonObject

MOST_CASES = 64


class Bounds(NamedTuple):
    """What an output may differ by. agreement: smallest share of equal elements of an integer
    output (ids).

    A float output: by max_abs at most, or on average by `share` of its mean magnitude.
    levels: by name, the mean difference allowed to an integer output that is a picture and no ids.
    """

    max_abs: float
    agreement: float
    share: float = 0.0
    levels: Mapping[str, float] = {}


# by the precision of the model that is checked; docs/precision.md says what the shipped ones need
# of it
BOUNDS = {
    "fp32": Bounds(1e-3, 0.999),
    "fp16": Bounds(1e-3, 0.995, 0.01),
    "int8": Bounds(1e-3, 0.99, 0.1),
}
# grey levels of 255, for the tasks whose answers are pictures
PICTURE_LEVELS = {"fp32": 0.0, "fp16": 0.1, "int8": 3.0}


class GoldenCase(NamedTuple):
    """What goes in and what the source network answered, by tensor name."""

    inputs: Arrays
    outputs: Arrays


class Difference(NamedTuple):
    """How far one output is from what was expected, over all cases. agreement: share of equal
    elements, which is what counts for ids; is_float: where it counts for nothing.  magnitude: mean
    of what was expected, without its sign."""

    name: str
    max_abs: float
    mean_abs: float
    agreement: float
    ok: bool
    is_float: bool = False
    magnitude: float = 0.0

    def as_json(self) -> JsonObject:
        return dict(self._asdict())


class Criterion(NamedTuple):
    """One number of a Difference and what it may be: at most `bound`, or at least."""

    what: str
    found: float
    bound: float
    at_least: bool = False

    @property
    def ok(self) -> bool:
        return self.found >= self.bound if self.at_least else self.found <= self.bound


def criterion_of(difference: Difference, bounds: Bounds) -> Criterion:
    """The one that lets an output pass, or the last that it breaks."""
    share, levels = bounds.share, bounds.levels.get(difference.name, 0.0)
    if difference.is_float:
        criteria = [Criterion("largest difference", difference.max_abs, bounds.max_abs)]
        if share:
            allowed = share * difference.magnitude
            criteria.append(Criterion("mean difference", difference.mean_abs, allowed))
    else:
        criteria = [
            Criterion("share of equal values", difference.agreement, bounds.agreement, True)
        ]
        if levels:
            criteria.insert(0, Criterion("mean difference in levels", difference.mean_abs, levels))
    return next((each for each in criteria if each.ok), criteria[-1])


def bytes_from_golden(cases: Sequence[GoldenCase]) -> bytes:
    """The cases as one compressed .npz, without a time stamp: same cases, same bytes."""
    return bytes_from_arrays(
        {
            "%d/%s/%s" % (number, side, name): array
            for number, case in enumerate(cases)
            for side, arrays in case._asdict().items()
            for name, array in arrays.items()
        }
    )


def golden_from_bytes(
    data: bytes, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], name: str
) -> Tuple[GoldenCase, ...]:
    """The inverse of `bytes_from_golden` for a model file `name` with these inputs and outputs.

    Raises ModelFileError for anything else, a case with another name, shape or type included.
    """
    try:
        arrays = arrays_from_bytes(data, max(spec.nbytes for spec in (*inputs, *outputs)))
        count = len({key.split("/")[0] for key in arrays})
        if count > MOST_CASES:
            raise ValueError("%d cases" % count)
        cases = tuple(
            GoldenCase(
                {spec.name: _taken(arrays, number, "inputs", spec) for spec in inputs},
                {spec.name: _taken(arrays, number, "outputs", spec) for spec in outputs},
            )
            for number in range(count)
        )
        if arrays:
            raise ValueError("an array %s that the card does not know" % min(arrays)[:80])
    except ValueError as error:
        raise ModelFileError(
            "damaged golden frames in %s (%s)" % (name, error),
            "those of `catseye export`",
            "copy it again, or export it again",
        )
    return cases


class PackedGolden(Sequence[GoldenCase]):
    """Golden frames that are taken out of their bytes when somebody first asks for them: a run on
    a processor does not, and is spared 10 ms and 3 MB. What is damaged is told then, as
    golden_from_bytes tells it."""

    def __init__(
        self, data: bytes, inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec], name: str
    ) -> None:
        """As golden_from_bytes takes them."""
        self._packed = data, inputs, outputs, name
        self._cases: Optional[Tuple[GoldenCase, ...]] = None

    def __getitem__(self, index: Any) -> Any:
        return self._taken_out()[index]

    def __len__(self) -> int:
        return len(self._taken_out())

    def _taken_out(self) -> Tuple[GoldenCase, ...]:
        if self._cases is None:
            self._cases = golden_from_bytes(*self._packed)
        return self._cases


def _taken(arrays: Arrays, number: int, side: str, spec: TensorSpec) -> np.ndarray:
    """The array of one case, out of `arrays`; ValueError where it is not as the card has it."""
    array = arrays.pop("%d/%s/%s" % (number, side, spec.name), None)
    if array is None:
        raise ValueError("case %d has no %s" % (number, spec.name))
    if array.shape != spec.shape or array.dtype != spec.dtype:
        found = described(TensorSpec(spec.name, array.shape, array.dtype))
        raise ValueError("case %d has %s, not %s" % (number, found, described(spec)))
    return array


def compare(
    expected: Sequence[Arrays], actual: Sequence[Arrays], bounds: Bounds = BOUNDS["fp32"]
) -> List[Difference]:
    """One Difference per output, over all cases; both sequences run in the same order. Raises
    ModelFileError where their shapes differ."""
    return [
        _difference(name, [e[name] for e in expected], [a[name] for a in actual], bounds)
        for name in expected[0]
    ]


def check_golden(
    infer: Callable[[Arrays], Arrays], cases: Sequence[GoldenCase], bounds: Bounds = BOUNDS["fp32"]
) -> List[Difference]:
    """Run every case through `infer` and compare with the source's answers."""
    answers = [infer(case.inputs) for case in cases]
    return compare([case.outputs for case in cases], answers, bounds)


def _difference(
    name: str, expected: List[np.ndarray], actual: List[np.ndarray], bounds: Bounds
) -> Difference:
    for want, got in zip(expected, actual):
        if want.shape != got.shape:
            raise ModelFileError(
                "output %r has shape %s" % (name, got.shape), "%s, as in the source" % (want.shape,)
            )
    want, got = (np.concatenate([one.ravel() for one in side]) for side in (expected, actual))
    gap = np.abs(want.astype(np.float64) - got.astype(np.float64))
    agreement = float(np.mean(want == got))
    largest = float(np.max(gap)) if np.all(np.isfinite(gap)) else float("inf")
    mean = float(np.mean(gap))
    magnitude = float(np.mean(np.abs(want.astype(np.float64))))
    found = Difference(
        name, largest, mean, agreement, False, want.dtype.kind == "f", magnitude=magnitude
    )
    return found._replace(ok=criterion_of(found, bounds).ok)

"""Golden frames: a few inputs with the source network's answers, carried inside the model file.

Any machine can check an engine with them, without torch and without data. Knows named arrays;
neither frames nor networks. Serialised as a compressed NumPy archive, no pickles.
"""

import io
import zipfile
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

import numpy as np

from catseye.runtime.errors import CatseyeError

Arrays = Dict[str, np.ndarray]


class Bounds(NamedTuple):
    """What an output may differ by. agreement: smallest share of equal elements of an integer
    output (ids).

    A float output: by max_abs at most, or on average by `share` of its mean magnitude.
    levels: mean difference allowed to an integer output that is a picture and no ids, 0 for ids.
    """

    max_abs: float
    agreement: float
    share: float = 0.0
    levels: float = 0.0


# by the precision of the model that is checked; docs/precision.md says what the shipped ones need
# of it
BOUNDS = {
    "fp32": Bounds(1e-3, 0.999),
    "fp16": Bounds(1e-3, 0.995, 0.01),
    "int8": Bounds(1e-3, 0.99, 0.1),
}
PICTURE_LEVELS = {"fp32": 0.0, "fp16": 0.1, "int8": 3.0}  # grey levels of 255
# times `share` for sparse codes: a threshold takes most of a coefficient away, but not of its
# error
CODE_SHARE = 2.0


def bounds_from_card(card: Dict[str, Any]) -> Bounds:
    """What a model of this card may differ by from its source; a precision unknown here counts as
    fp32."""
    bounds = BOUNDS.get(card["precision"], BOUNDS["fp32"])
    if card["task"] not in ("sparse", "gan"):
        return bounds
    share = bounds.share * (CODE_SHARE if card["task"] == "sparse" else 1.0)
    return bounds._replace(levels=PICTURE_LEVELS.get(card["precision"], 0.0), share=share)


class GoldenCase(NamedTuple):
    """What goes in and what the source network answered, by tensor name."""

    inputs: Arrays
    outputs: Arrays


class Difference(NamedTuple):
    """How far one output is from what was expected, over all cases. agreement: share of equal
    elements (ids)."""

    name: str
    max_abs: float
    mean_abs: float
    agreement: float
    ok: bool

    def as_json(self) -> Dict[str, Any]:
        return dict(self._asdict())


def bytes_from_golden(cases: Sequence[GoldenCase]) -> bytes:
    """The cases as one compressed .npz, without a time stamp: same cases, same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, case in enumerate(cases):
            for side, arrays in (("inputs", case.inputs), ("outputs", case.outputs)):
                for name in sorted(arrays):
                    entry = zipfile.ZipInfo(
                        "%d/%s/%s.npy" % (number, side, name), (1980, 1, 1, 0, 0, 0)
                    )
                    entry.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(entry, _npy(arrays[name]))
    return stream.getvalue()


def golden_from_bytes(data: bytes) -> Tuple[GoldenCase, ...]:
    """The inverse of `bytes_from_golden`; raises CatseyeError for anything else."""
    cases: Dict[int, GoldenCase] = {}
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            for key in archive.files:
                number, side, name = key.split("/")
                case = cases.setdefault(int(number), GoldenCase({}, {}))
                getattr(case, side)[name] = archive[key]
    except (ValueError, OSError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise CatseyeError(
            "damaged golden frames (%s)" % error, "those of `catseye export`", "export again"
        )
    return tuple(cases[number] for number in sorted(cases))


def compare(
    expected: Sequence[Arrays], actual: Sequence[Arrays], bounds: Bounds = BOUNDS["fp32"]
) -> List[Difference]:
    """One Difference per output, over all cases; both sequences run in the same order."""
    return [
        _difference(name, [e[name] for e in expected], [a[name] for a in actual], bounds)
        for name in expected[0]
    ]


def check_golden(
    infer: Callable[[Arrays], Arrays], cases: Sequence[GoldenCase], bounds: Bounds = BOUNDS["fp32"]
) -> List[Difference]:
    """Run every case through `infer` and compare with the source's answers."""
    # an engine may reuse its output buffers, so its answers are copied before the next case
    answers = [
        {name: np.array(value) for name, value in infer(case.inputs).items()} for case in cases
    ]
    return compare([case.outputs for case in cases], answers, bounds)


def _difference(
    name: str, expected: List[np.ndarray], actual: List[np.ndarray], bounds: Bounds
) -> Difference:
    for want, got in zip(expected, actual):
        if want.shape != got.shape:
            raise CatseyeError(
                "output %r has shape %s" % (name, got.shape), "%s, as in the source" % (want.shape,)
            )
    want, got = (
        np.concatenate([e.ravel() for e in expected]),
        np.concatenate([a.ravel() for a in actual]),
    )
    gap = np.abs(want.astype(np.float64) - got.astype(np.float64))
    agreement = float(np.mean(want == got))
    largest = float(np.max(gap)) if np.all(np.isfinite(gap)) else float("inf")
    mean = float(np.mean(gap))
    if want.dtype.kind == "f":
        ok = largest <= bounds.max_abs or mean <= bounds.share * float(np.mean(np.abs(want)))
    else:
        ok = agreement >= bounds.agreement or mean <= bounds.levels
    return Difference(name, largest, mean, agreement, bool(ok))


def _npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.ascontiguousarray(array), allow_pickle=False)
    return stream.getvalue()

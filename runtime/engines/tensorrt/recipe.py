"""What the builder is told: precision by flags up to TensorRT 10, by the types in the graph from 11
on.

Knows which flags a release has (asked with hasattr, never read off a version string) and which wish
a model file can fulfil. Knows nothing of building; builder.py does as the recipe says.

| model file  | wish | TensorRT 8                            | 10             | 11              |
|-------------|------|---------------------------------------|----------------|-----------------|
| fp32        | fp32 | TF32 off                              | the same       | types, TF32 off |
| fp32        | fp16 | FP16                                  | the same       | refused         |
| fp16        | fp16 | FP16, layers that stay float are kept | STRONGLY_TYPED | types           |
| int8 (Q/DQ) | int8 | INT8 and FP16 for what is not Q/DQ    | the same       | types           |

The compiler of a DLA takes no Q/DQ up to TensorRT 10. There int8 is built of the fp32 file, with
INT8, FP16 and a range for each tensor, which a calibration has left in the card.
"""

from typing import Dict, NamedTuple, Optional, Tuple

from catseye.runtime.engines.tensorrt.api import TensorRT
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.card import PRECISIONS

# Scratch memory that a layer may ask for. A board of 4 GB shares them with Linux, CUDA's own code
# and the builder, and kills what takes too much; too little rules out fast kernels. Chosen, not
# measured.
DEFAULT_WORKSPACE_MB = 256
DLA_PRECISIONS = ("fp16", "int8")


class BuildSettings(NamedTuple):
    """What a user may wish. precision: of PRECISIONS, "" for the model file's own.  dla_core: None
    for the GPU."""

    precision: str = ""
    dla_core: Optional[int] = None
    workspace_mb: int = DEFAULT_WORKSPACE_MB


class Recipe(NamedTuple):
    """What the builder is told; flags are names of trt.BuilderFlag, network_flags of
    NetworkDefinitionCreationFlag.

    keeps_float: layers that the file holds in float are asked for in float, where flags would let
    them be halved. ranges: (tensor, largest magnitude) for each tensor whose INT8 range is not in
    the graph.
    """

    precision: str
    flags: Tuple[str, ...]
    cleared: Tuple[str, ...]
    network_flags: Tuple[str, ...]
    keeps_float: bool
    ranges: Tuple[Tuple[str, float], ...]
    dla_core: Optional[int]
    workspace_mb: int

    def as_text(self) -> str:
        """All of it in one line, for the key of an engine."""
        words = [*self.flags, *("-" + flag for flag in self.cleared), *self.network_flags]
        words += ["KEEPS_FLOAT"] if self.keeps_float else []
        words += ["RANGES"] if self.ranges else []
        return " ".join(words + ["workspace=%dMB" % self.workspace_mb])


def recipe_for(
    trt: TensorRT, model_precision: str, settings: BuildSettings, ranges: Dict[str, float]
) -> Recipe:
    """The recipe for a model file of `model_precision`. Raises CatseyeError where the wish cannot
    be fulfilled.

    ranges: what a calibration has put into the model file's card.
    """
    precision = settings.precision or model_precision
    by_flags = hasattr(trt.BuilderFlag, "FP16")
    ranged = (
        by_flags and bool(ranges) and model_precision == "fp32" and settings.dla_core is not None
    )
    check_wish(trt.__version__, by_flags, model_precision, precision, ranged)
    if settings.dla_core is not None:
        check_dla_wish(trt.__version__, by_flags, model_precision, precision, settings.dla_core)
    can_be_typed = hasattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED")
    # a DLA of TensorRT 10 is told by flags, as it always was
    typed = can_be_typed and (
        not by_flags or (model_precision == "fp16" and settings.dla_core is None)
    )
    network_flags: Tuple[str, ...] = ("STRONGLY_TYPED",) if typed else ()
    # demanded before 10, ignored in 10, gone in 11
    if hasattr(trt.NetworkDefinitionCreationFlag, "EXPLICIT_BATCH"):
        network_flags += ("EXPLICIT_BATCH",)
    flags = precision_flags(model_precision, precision) if by_flags and not typed else ()
    # fp32 means 23 bits of mantissa, not the 10 of TF32
    cleared = ("TF32",) if precision == "fp32" else ()
    keeps_float = "PREFER_PRECISION_CONSTRAINTS" in flags
    used = tuple(sorted(ranges.items())) if ranged and precision == "int8" else ()
    return Recipe(
        precision=precision,
        flags=flags,
        cleared=cleared,
        network_flags=network_flags,
        keeps_float=keeps_float,
        ranges=used,
        dla_core=settings.dla_core,
        workspace_mb=settings.workspace_mb,
    )


def precision_flags(model_precision: str, precision: str) -> Tuple[str, ...]:
    """Names of the builder flags up to TensorRT 10."""
    if precision == "int8":
        return ("INT8", "FP16")
    if precision == "fp16":
        return ("FP16", "PREFER_PRECISION_CONSTRAINTS") if model_precision == "fp16" else ("FP16",)
    return ()


def check_wish(
    version: str, by_flags: bool, model_precision: str, precision: str, ranged: bool
) -> None:
    """Raise CatseyeError, with advice, for a precision that this file cannot have here."""
    if precision not in PRECISIONS:
        raise CatseyeError("precision %r" % precision, " or ".join(PRECISIONS))
    if model_precision != "fp32" and precision != model_precision:
        raise CatseyeError(
            "--precision %s for a model file that is %s" % (precision, model_precision),
            "the fp32 model file",
            "leave --precision out, or export the model again",
        )
    if precision == "int8" and model_precision != "int8" and not ranged:
        raise CatseyeError(
            "--precision int8 for a model file that is %s" % model_precision,
            "a quantised model file, whose ranges come from real frames",
            "catseye export --precision int8 --calibrate DIR, and build that",
        )
    if precision != model_precision and not by_flags:
        raise CatseyeError(
            "TensorRT %s takes no precision flags: precision lives in the model file" % version,
            "a model file that is %s" % precision,
            "catseye export --precision %s, and build that without --precision" % precision,
        )


def check_dla_wish(
    version: str, by_flags: bool, model_precision: str, precision: str, core: int
) -> None:
    """Raise CatseyeError, with advice, for what no DLA does, or not in this release."""
    if precision not in DLA_PRECISIONS:
        raise CatseyeError(
            "--dla %d in %s" % (core, precision),
            "fp16 or int8, a DLA has no other",
            "add --precision fp16",
        )
    if model_precision == "int8" and by_flags:
        raise CatseyeError(
            "--dla %d with a quantised model file on TensorRT %s, whose DLA compiler takes no Q/DQ"
            % (core, version),
            "the fp32 model file, exported with --calibrate",
            "build that with --precision int8 --dla %d" % core,
        )

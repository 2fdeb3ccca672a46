"""The row of the road: its own options, and what does not fit together among them."""

from typing import TYPE_CHECKING

from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.option_values import Values
from catseye.training.recipes.rows.row import (
    Beginning,
    Kind,
    Option,
    RecipeRow,
    fit_by_the_loop,
)

if TYPE_CHECKING:
    from catseye.training.recipes.road import RoadRecipe


def make(data: tuple[str, ...], seed: int, values: Values) -> "RoadRecipe":
    """The recipe of the road network. Raises CatseyeError as that does, and where the weights that
    it is to begin with are not there: before all frames are read, not after."""
    from catseye.models.road import LITE_LARGE, LiteRoadConfig, imagenet
    from catseye.training.recipes.road import RoadRecipe

    if values.get("pretrained", "imagenet") == "imagenet":
        config = LITE_LARGE if "large" in values else LiteRoadConfig()
        imagenet.published_tensors(config.encoder)
    return RoadRecipe(data, seed, **values)


def look(data: tuple[str, ...], values: Values) -> str:
    """How many frames each set has. Raises CatseyeError for sets that do not fit together."""
    from catseye.training.road.sets import RoadSets

    return RoadSets(data, values.get("hold_out"), "with_val" in values).words()


def begin(recipe: "RoadRecipe") -> Beginning:
    """The encoder's published weights, unless nobody wants them. Raises CatseyeError where their
    package is not installed."""
    return recipe.begin()


def ends_unseen(values: Values) -> bool:
    """Trained on `val` too, without a sequence held out: nothing unseen chooses the best epoch."""
    return "with_val" in values and "hold_out" not in values


def check(values: Values, patience: int) -> None:
    """Raises CatseyeError for patience where nothing unseen is left to be patient by, for two
    networks at once, and for frames that nobody says anything about, or that are named twice."""
    from catseye.training.road.sets import refuse_twice

    if ends_unseen(values) and patience:
        raise CatseyeError(
            "--patience with --with-val",
            "one of them: data trained on cannot show when to stop",
            "name a drive to validate on (--hold-out)",
        )
    if "nano" in values and "large" in values:
        raise CatseyeError("--nano with --large", "one of them", "they are two networks")
    if "unlabelled" in values and "teacher" not in values:
        raise CatseyeError(
            "--unlabelled without --teacher",
            "--teacher CHECKPOINT",
            "nothing else labels those frames",
        )
    refuse_twice("--unlabelled", values.get("unlabelled", ()))


ROAD = RecipeRow(
    task="road",
    summary="the road segmentation network on CamVid or on your own road data set",
    epochs=120,
    optimizers=("adamw", "sgd", "entropy-sgd"),
    takes_sets=True,
    takes_start=True,
    one_loss=True,
    options=(
        Option(
            "--hold-out", "leave this CamVid sequence out and validate on it", metavar="SEQUENCE"
        ),
        Option(
            "--with-val",
            "train on val too, for the last run, when everything has been chosen; measured once,"
            " at its end",
            Kind.SWITCH,
        ),
        Option(
            "--pretrained",
            "what the encoder begins with: published ImageNet weights, which the extra"
            " catseye[pretrained] brings (default), or none",
            among=("imagenet", "none"),
        ),
        Option(
            "--size",
            "the size that frames are scaled down to fit, in training and in the model file"
            " (default: their own, 960x540 pixels at most)",
            Kind.SIZE,
            "WxH",
        ),
        Option("--nano", "the network for TX1 and Nano", Kind.SWITCH),
        Option(
            "--large",
            "a larger network, too slow for boards: a --teacher for the others",
            Kind.SWITCH,
        ),
        Option(
            "--teacher",
            "a checkpoint to learn from wherever no label names a class",
            Kind.CHECKPOINT,
            "CHECKPOINT",
        ),
        Option(
            "--unlabelled",
            "pictures or a video that only the teacher labels; may be repeated",
            Kind.TEXTS,
            "DIR|VIDEO",
        ),
    ),
    make=make,
    fit=fit_by_the_loop,
    begin=begin,
    check=check,
    ends_unseen=ends_unseen,
    look=look,
)

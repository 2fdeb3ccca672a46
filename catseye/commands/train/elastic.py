"""The options of `catseye train` for elastic averaging: which process does what, and how they
meet."""

import argparse
from typing import TYPE_CHECKING, Optional

from catseye.commands.parsing.parser import Parser
from catseye.commands.parsing.values import positive_float, positive_int
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.loopback import LOOPBACK

if TYPE_CHECKING:
    from catseye.models.meta import Meta
    from catseye.training.plan import TrainingPlan
    from catseye.training.recipes.recipe import Recipe

TAU, PULL, PORT = 10, 0.9, 29700
# a worker takes them from the center
OF_THE_CENTER = ("tau", "pull", "workers", "port", "listen", "synchronous")
# what other loops know, and defaults
OF_ONE_LOOP = {"optimizer": None, "accumulate": 1, "patience": 0, "start": None, "rate": 0.0}


def add_elastic_options(parser: Parser) -> None:
    group = parser.add_argument_group("elastic averaging, under torchrun (docs/training.md)")
    group.add_argument(
        "--elastic",
        choices=("easgd", "eamsgd", "downpour"),
        metavar="RULE",
        help=(
            "easgd, eamsgd (with momentum) or downpour: this process, the first of its torchrun,"
            " holds the center; the others are workers"
        ),
    )
    group.add_argument(
        "--join",
        metavar="HOST:PORT",
        help="join the center at this address as a worker, at any time",
    )
    group.add_argument(
        "--tau", type=positive_int, metavar="N", help="local steps between two exchanges (%d)" % TAU
    )
    group.add_argument(
        "--pull",
        type=positive_float,
        metavar="B",
        help="beta, of all workers together: alpha is B / workers (%.1f)" % PULL,
    )
    group.add_argument(
        "--workers",
        type=positive_int,
        metavar="N",
        help="how many to expect (those of this torchrun)",
    )
    group.add_argument("--port", type=positive_int, help="where the center listens (%d)" % PORT)
    group.add_argument(
        "--listen", metavar="HOST", help="at which address (127.0.0.1); others need a --token"
    )
    group.add_argument(
        "--token", metavar="SECRET", help="key with which center and workers sign their messages"
    )
    group.add_argument(
        "--synchronous",
        action="store_const",
        const=True,
        help="all processes of this torchrun are workers and exchange at once",
    )


def is_elastic(args: argparse.Namespace) -> bool:
    """Whether this is an elastic training; raises CatseyeError for options that do not fit
    together."""
    given = [name for name in OF_THE_CENTER if getattr(args, name) is not None]
    if given and not args.elastic:
        raise CatseyeError(
            "--%s without --elastic" % given[0],
            "--elastic RULE, or --join alone",
            "a worker gets it from the center",
        )
    if args.elastic and args.join:
        raise CatseyeError(
            "--elastic with --join", "one of them", "the center sets the rule for its workers"
        )
    if args.token and not (args.elastic or args.join):
        raise CatseyeError(
            "--token without --elastic or --join",
            "one of them",
            "it is used by the elastic rules only",
        )
    if args.listen and args.listen not in LOOPBACK and not args.token:
        raise CatseyeError(
            "--listen %s without a token" % args.listen,
            "--token SECRET beyond 127.0.0.1",
            "add one, such as `openssl rand -hex 16` makes",
        )
    for name, default in OF_ONE_LOOP.items() if args.elastic or args.join else ():
        if getattr(args, name) != default:
            raise CatseyeError(
                "--%s in an elastic training" % name, "the rule's own steps", "leave it out"
            )
    return bool(args.elastic or args.join)


def fit_elastic(
    args: argparse.Namespace, recipe: "Recipe", plan: "TrainingPlan"
) -> "Optional[Meta]":
    """Do this process's part; the meta data of the best checkpoint, None from a worker. Raises
    CatseyeError for an address that cannot be used."""
    from catseye.training.elastic.center import ElasticPlan
    from catseye.training.elastic.exchange import Place
    from catseye.training.elastic.synchronous import fit_synchronous
    from catseye.training.elastic.train import (
        address_in_environment,
        hold_center,
        join_center,
        workers_in_environment,
    )

    place = Place(args.port or PORT, args.listen or Place().host, args.token or "")
    address = args.join or (None if args.synchronous else address_in_environment(place))
    if address:
        join_center(recipe, address, place.token, plan.device)
        return None
    workers = args.workers or workers_in_environment()
    elastic = ElasticPlan(args.elastic, args.tau or TAU, args.pull or PULL, workers)
    return (
        fit_synchronous(recipe, plan, elastic)
        if args.synchronous
        else hold_center(recipe, plan, elastic, place)
    )

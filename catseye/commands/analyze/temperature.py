"""`catseye analyze temperature`: the temperature of a road checkpoint's confidence, from labelled
frames that it has not learned from."""

from typing import List

from catseye.commands.export import checkpoint_folder
from catseye.commands.parsing.parser import DATA_HELP, Parser, print_json, say
from catseye.runtime.classes import table_of_checkpoint
from catseye.runtime.datasets import data_folder
from catseye.runtime.datasets.one_table import under_table
from catseye.runtime.datasets.road import open_road_data
from catseye.runtime.errors import CatseyeError


def main(argv: List[str]) -> int:
    args = _parser().parse_args(argv)

    import torch

    from catseye.models.checkpoint import load_checkpoint, save_checkpoint
    from catseye.training.road.temperature import fitted_temperature

    network, meta = load_checkpoint(args.checkpoint, "road")
    classes = table_of_checkpoint(meta.data)
    road_data = under_table(open_road_data(data_folder(args.data)), classes, "a checkpoint")
    samples = road_data.samples(args.split)
    temperature = fitted_temperature(network, samples, torch.device("cpu"))
    if temperature is None:
        raise CatseyeError("frames without a labelled pixel", "labels that name a class")
    say("temperature %.4g, by %d frames of %s" % (temperature, len(samples), road_data.name))
    if args.write:
        save_checkpoint(args.checkpoint, network, meta.with_metric("temperature", temperature))
        say("kept in %s: export it again" % args.checkpoint)
    if args.json:
        print_json({"temperature": temperature, "frames": len(samples)})
    return 0


def _parser() -> Parser:
    parser = Parser(
        "analyze temperature",
        "The temperature by which a road network's confidence is a probability.",
    )
    parser.add_argument("checkpoint", type=checkpoint_folder, help="a checkpoint of the road")
    parser.add_argument("--data", metavar="DIR", help=DATA_HELP)
    parser.add_argument(
        "--split", default="val", help="frames that it has not learned from (default val)"
    )
    parser.add_argument(
        "--write", action="store_true", help="keep it in the checkpoint, for `catseye export`"
    )
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    return parser

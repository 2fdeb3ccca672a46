"""Time model files against each other in one run on onnxruntime's CPU provider: compare_models.py
FIRST.onnx OTHER ...

Turn about, frame by frame, so that whatever else the machine does falls on all of them alike. Any
ONNX file with one input of a static shape will do. Idle threads sleep, as in `catseye run`. Prints
p50, p95, p99 in ms and the ratio of each p50 to the first one's.
"""

import argparse
import os
import time

import numpy as np
import onnxruntime

from catseye.commands.parsing.parser import say, say_table
from catseye.runtime.engines.cpu import cpu_name
from catseye.runtime.model_file.load import onnx_path

DTYPES = {"tensor(uint8)": np.uint8, "tensor(float)": np.float32, "tensor(float16)": np.float16}
WARM_UP = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "models", nargs="+", help=".onnx files or zoo names, the one to compare with first"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=100)
    args = parser.parse_args()
    runners = [runner(onnx_path(model), args.threads) for model in args.models]
    for _ in range(WARM_UP):
        for run in runners:
            run()
    times_ms = np.array([[timed_ms(run) for run in runners] for _ in range(args.rounds)])
    p50, p95, p99 = np.percentile(times_ms, (50, 95, 99), axis=0)
    say(
        f"onnxruntime {onnxruntime.__version__}, {cpu_name()}, {args.threads} threads,"
        f" {args.rounds} rounds turn about"
    )
    names = [os.path.basename(model) for model in args.models]
    say_table(
        ("model", "p50 ms", "p95 ms", "p99 ms", "ratio"), zip(names, p50, p95, p99, p50 / p50[0])
    )


def runner(path: str, threads: int):
    """A function that runs the model once on the same random input."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # spinning ones slow the next model
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    (spec,) = session.get_inputs()
    values = np.random.default_rng(0).integers(0, 256, spec.shape).astype(DTYPES[spec.type])
    return lambda: session.run(None, {spec.name: values})


def timed_ms(run) -> float:
    begun = time.perf_counter()
    run()
    return (time.perf_counter() - begun) * 1e3


if __name__ == "__main__":
    main()

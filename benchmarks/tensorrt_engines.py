"""TensorRT engines on this machine: build time, size, memory and latency in every precision, beside
what bounds them.

    python3 benchmarks/tensorrt_engines.py road [road-int8.onnx ...]
                                           [--seconds S] [--dla N] [--json]

Each model is built in fp32 and fp16, or in the precision of its file where that is fp16 or int8.
For each engine:

    infer       frame in, mask out, in the host's memory, as `run` does it, with a CUDA graph
    no graph    the same, every kernel launched by itself
    bare        execute_async_v3 (v2 before 8.5) and the wait for it; nothing is copied:
                what TensorRT alone takes
    floor       the plan, the frame and the mask once over the memory's bandwidth, which is measured
                by a copy on the device: no engine that reads its weights from memory can be faster

Knows the engine's inside; needs a GPU and TensorRT. Runs on Python 3.6 from a checkout:
PYTHONPATH=. on a board.
"""

import argparse
import os
import resource
import tempfile
import threading
import time
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Tuple

from catseye.commands.parsing.parser import print_json, say, say_table
from catseye.runtime.engines.cuda import cudart
from catseye.runtime.engines.tensorrt.checked_build import built_engine, ordered
from catseye.runtime.engines.tensorrt.engine import TensorRTEngine
from catseye.runtime.engines.tensorrt.engine_file import EngineFile
from catseye.runtime.engines.tensorrt.recipe import BuildSettings
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.load import ModelFile, load_model
from catseye.runtime.timing import percentiles

WARM_UP = 20
DEVICE_TO_DEVICE = 3
COPIED_BYTES = 256 << 20
COPIES = 20
SAMPLE_S = 0.02

Row = Dict[str, Any]


class Peak(NamedTuple):
    """Most memory in use, in MB: the device's (on a board the whole machine's), and this process's
    on the host."""

    device_mb: float
    host_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(
        description="TensorRT engines: build time, size, memory, latency."
    )
    parser.add_argument(
        "models", nargs="*", default=["road"], help=".onnx files or zoo names (default road)"
    )
    parser.add_argument(
        "--seconds", type=float, default=5.0, help="of each measurement (default 5)"
    )
    parser.add_argument("--dla", type=int, help="build for this DLA core; fp32 is left out")
    parser.add_argument("--json", action="store_true", help="the rows as JSON on stdout")
    args = parser.parse_args()

    rows: List[Row] = []
    refused: List[str] = []
    for text in args.models:
        model = load_model(text)
        for precision in precisions_of(model, args.dla):
            try:
                rows.append(measured(model, BuildSettings(precision, args.dla), args.seconds))
            except CatseyeError as error:
                refused.append("%s in %s: %s" % (model.name, precision, error))
    if args.json:
        print_json({"rows": rows, "refused": refused})
    say_rows(rows, refused)


def precisions_of(model: ModelFile, dla: Any) -> Sequence[str]:
    """What the file can be built in; a DLA has no fp32."""
    own = model.border.precision
    if own != "fp32":
        return (own,)
    return ("fp16",) if dla is not None else ("fp32", "fp16")


def measured(model: ModelFile, settings: BuildSettings, seconds: float) -> Row:
    """One engine: built from nothing, opened, and timed."""
    cuda = cudart.load_cudart()
    # no kernel timings of earlier builds: the build time is the whole
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CATSEYE_CACHE"] = folder
        engine, build_peak = with_peak(cuda, lambda: built_engine(model, ordered(model, settings)))
    before = used_mb(cuda)
    with open_built(engine, graph=True) as running:
        opened_mb = used_mb(cuda) - before
        latency = {
            "infer": timed(lambda: running.infer(model.golden[0].inputs), seconds),
            "bare": timed(lambda: execute_bare(running), seconds),
        }
        moved = len(engine.plan) + sum(
            spec.dtype.itemsize * spec.elements for spec in running.inputs + running.outputs
        )
        device = running.device
    with open_built(engine, graph=False) as running:
        latency["no_graph"] = timed(lambda: running.infer(model.golden[0].inputs), seconds)
    bandwidth = bytes_per_second(cuda)
    return {
        "model": model.name,
        "precision": engine.key.precision,
        "device": device,
        "tensorrt": engine.key.tensorrt,
        "cuda": engine.key.cuda,
        "dla_core": engine.dla_core,
        "passed": engine.passed,
        "build_s": engine.seconds,
        "plan_bytes": len(engine.plan),
        "build_peak_device_mb": build_peak.device_mb,
        "build_peak_host_mb": build_peak.host_mb,
        "open_device_mb": opened_mb,
        "latency_ms": latency,
        "floor_ms": 1e3 * moved / bandwidth,
        "bandwidth_gb_s": bandwidth / 1e9,
        "warm_up": WARM_UP,
        "size": list(model.card.inputs[0].shape),
    }


def open_built(engine: EngineFile, graph: bool) -> TensorRTEngine:
    return TensorRTEngine(
        engine.plan,
        engine.name,
        precision=engine.key.precision,
        dla_core=engine.dla_core,
        graph=graph,
    )


def execute_bare(engine: TensorRTEngine) -> None:
    """TensorRT's own call and the wait for it, on whatever lies in the buffers."""
    engine._dialect.enqueue(engine._stream)
    engine._cuda.wait(engine._done, engine._stream)


def timed(work: Callable[[], Any], seconds: float) -> Dict[str, float]:
    """p50, p95 and p99 of `work` in milliseconds, after WARM_UP runs."""
    for _ in range(WARM_UP):
        work()
    taken_ms: List[float] = []
    begun_s = time.perf_counter()
    while not taken_ms or time.perf_counter() - begun_s < seconds:
        before_s = time.perf_counter()
        work()
        taken_ms.append(1e3 * (time.perf_counter() - before_s))
    return percentiles(taken_ms)


def with_peak(cuda: cudart.CudaRuntime, work: Callable[[], Any]) -> Tuple[Any, Peak]:
    """What `work` gives, and the most memory that was in use above what was before."""
    before, most, ended = used_mb(cuda), [0.0], threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLE_S):
            most[0] = max(most[0], used_mb(cuda) - before)

    sampler = threading.Thread(target=sample, daemon=True)
    sampler.start()
    try:
        result = work()
    finally:
        ended.set()
        sampler.join()
    return result, Peak(most[0], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


def used_mb(cuda: cudart.CudaRuntime) -> float:
    free, total = cuda.memory_info()
    return (total - free) / 1e6


def bytes_per_second(cuda: cudart.CudaRuntime) -> float:
    """The bandwidth of the device's memory: a large copy inside it reads and writes every byte
    once."""
    target, source = cuda.malloc(COPIED_BYTES), cuda.malloc(COPIED_BYTES)
    stream, done = cuda.create_stream(), cuda.create_event(spin=True)
    cuda.copy_async(target, source, COPIED_BYTES, DEVICE_TO_DEVICE, stream)
    cuda.wait(done, stream)
    begun_s = time.perf_counter()
    for _ in range(COPIES):
        cuda.copy_async(target, source, COPIED_BYTES, DEVICE_TO_DEVICE, stream)
    cuda.wait(done, stream)
    taken_s = time.perf_counter() - begun_s
    for address in (target, source):
        cuda.free(address)
    cuda.destroy_event(done)
    cuda.destroy_stream(stream)
    return 2 * COPIES * COPIED_BYTES / taken_s


def say_rows(rows: Sequence[Row], refused: Sequence[str]) -> None:
    if rows:
        first = rows[0]
        say(
            "%s, TensorRT %s, CUDA %s, %.0f GB/s, %d runs to warm up; times in ms as p50/p95/p99"
            % (first["device"], first["tensorrt"], first["cuda"], first["bandwidth_gb_s"], WARM_UP)
        )
        say_table(
            (
                "model",
                "precision",
                "golden frames",
                "build s",
                "kB",
                "build MB device/host",
                "open MB",
                "infer",
                "no graph",
                "bare",
                "floor",
            ),
            map(cells, rows),
        )
    for line in refused:
        say(line)


def cells(row: Row) -> List[str]:
    latency = [
        "%.2f/%.2f/%.2f" % tuple(row["latency_ms"][name][p] for p in ("p50", "p95", "p99"))
        for name in ("infer", "no_graph", "bare")
    ]
    return [
        row["model"],
        row["precision"],
        "ok" if row["passed"] else "BREACH",
        "%.0f" % row["build_s"],
        "%d" % (row["plan_bytes"] // 1000),
        "%.0f/%.0f" % (row["build_peak_device_mb"], row["build_peak_host_mb"]),
        "%.0f" % row["open_device_mb"],
        *latency,
        "%.3f" % row["floor_ms"],
    ]


if __name__ == "__main__":
    main()

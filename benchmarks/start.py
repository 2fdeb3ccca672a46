"""What it takes from `python3 NAME.pyz run` to the first mask: processor time, user and system, all
threads, against a program that imports OpenCV and onnxruntime and opens the session of the same
model, and does no more.

Whole processes, turn by turn; medians of the rounds, ratios round by round. `first` is the start
with an empty cache folder, `next` one that follows, `no cache` one that may keep nothing
(PYTHONDONTWRITEBYTECODE=1 and an empty folder), as every start was before.

    .venv/bin/python benchmarks/start.py [--model road-nano] [--rounds 7] [--json]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

LEAST = """
import sys
import cv2, onnxruntime
onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="road-nano")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = measured(args.model, args.rounds, folder)
    print(json.dumps(report, indent=2) if args.json else words_from(report))


def measured(model: str, rounds: int, folder: str) -> dict[str, dict[str, float]]:
    from catseye.runtime.model_file.load import onnx_path

    pyz, picture = os.path.join(folder, "packed.pyz"), os.path.join(folder, "street.png")
    cpu_s_of([sys.executable, "-m", "catseye", "pack", model, "-o", pyz], {})
    write_street(picture)
    run = [sys.executable, pyz, "run", "--backend", "onnxruntime"]
    run += ["--source", picture, "--sink", "jsonl://" + os.path.join(folder, "rows.jsonl")]
    caches = [os.path.join(folder, name) for name in ("none", "kept")]
    jobs = {
        "least": ([sys.executable, "-c", LEAST, onnx_path(model)], {}),
        "no cache": (run, {"CATSEYE_CACHE": caches[0], "PYTHONDONTWRITEBYTECODE": "1"}),
        "next": (run, {"CATSEYE_CACHE": caches[1]}),
    }
    taken: dict[str, list[float]] = {name: [] for name in (*jobs, "first")}
    cpu_s_of(*jobs["next"])
    for turn in range(rounds):
        for name in list(jobs) if turn % 2 else list(jobs)[::-1]:
            taken[name].append(cpu_s_of(*jobs[name]))
        fresh = {"CATSEYE_CACHE": os.path.join(folder, "fresh%d" % turn)}
        taken["first"].append(cpu_s_of(run, fresh))
    return {
        name: {
            "cpu_s": statistics.median(series),
            "over_least": statistics.median(a / b for a, b in zip(series, taken["least"])),
        }
        for name, series in taken.items()
    }


def write_street(path: str) -> None:
    import cv2

    from catseye.runtime.street import Street

    cv2.imwrite(path, Street(3, (640, 360)).render(0.0)[0])


def cpu_s_of(words: list[str], more: dict[str, str]) -> float:
    """User and system time of a program that must end well."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(words, env={**kept, **more}, stdout=quiet, stderr=quiet)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        sys.exit("%s ended with %d" % (" ".join(words), status))
    return usage.ru_utime + usage.ru_stime


def words_from(report: dict[str, dict[str, float]]) -> str:
    return "\n".join(
        "%-10s %6.3f s of processor time  %5.2f of the least"
        % (name, values["cpu_s"], values["over_least"])
        for name, values in report.items()
    )


if __name__ == "__main__":
    main()

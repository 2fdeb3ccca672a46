"""Ten thousand seeded ways to break a file, and what the program says to each: one line, or what
it would have said to the whole file.

Kinds of damage, and how they are judged: tests/damage. Exit code 1 where any case ends otherwise.

    python benchmarks/mutations.py [--tries 10000] [--seed 16] [--kind "card field"] [--only SEED]
"""

import argparse
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.append(str(ROOT / "tests"))

from damage.campaign import Campaign, seeds, table_of  # noqa: E402
from damage.kinds import KINDS  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tries", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=16, help="of the campaign; default %(default)s")
    parser.add_argument("--kind", choices=KINDS, help="only this one, with all the tries")
    parser.add_argument("--only", type=int, metavar="SEED", help="one case of --kind, by its seed")
    args = parser.parse_args()
    begun, cases = time.monotonic(), []
    shares = {args.kind: 1000} if args.kind else {kind: KINDS[kind].share for kind in KINDS}
    with Campaign() as campaign:
        for kind, share in shares.items():
            tries = args.tries * share // 1000
            for seed in [args.only] if args.only else seeds(args.seed, tries):
                cases.append(campaign.case(kind, seed))
                if cases[-1].bad or args.only:
                    print("%s %d: %s: %s" % (kind, seed, *cases[-1].outcome), flush=True)
    print(table_of(cases))
    print("seed %d, %.0f s, commit %s" % (args.seed, time.monotonic() - begun, commit()))
    return any(case.bad for case in cases)


def commit() -> str:
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main())

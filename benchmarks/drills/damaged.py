"""Files of every kind, broken in seeded ways (benchmarks/mutations.py tells more of each case)."""

import time

from drill import Row, Settings

TRIES = 10_000


def drill(settings: Settings) -> list[Row]:
    # libraries that the other drills do without
    from damage.campaign import Campaign, Case, seeds
    from damage.hearing import CRASH, MEMORY, NO_LINE, OTHER, TRACEBACK
    from damage.kinds import KINDS

    begun_s, cases = time.monotonic(), list[Case]()
    with Campaign() as campaign:
        for kind in KINDS:
            tries = settings.tries(TRIES * KINDS[kind].share // 1000)
            cases += [
                campaign.case(kind, seed) for seed in seeds(settings.random.getrandbits(16), tries)
            ]
    outcomes = [case.outcome for case in cases]
    hung = [each for each in outcomes if "still at it" in each.detail]
    crashed = [each for each in outcomes if each.what in (CRASH, TRACEBACK, NO_LINE)]
    lost = [each for each in outcomes if each.what == OTHER]
    leaked = [each for each in outcomes if each.what == MEMORY]
    bad = ["%s %d: %s" % (case.kind, case.seed, case.outcome.detail) for case in cases if case.bad]
    counts = (len(lost), len(crashed) - len(hung), len(hung), len(leaked))
    name = "broken files of %d kinds" % len(KINDS)
    return [Row(name, len(cases), *counts, time.monotonic() - begun_s, "; ".join(bad[:2])[:300])]

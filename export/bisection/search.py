"""Bisection: a small set of layers that must stay float so that a lowered model passes its check.

   1. Rank. For every layer, the error of the graph's last float tensor with that layer alone
   lowered and all others float: the layers in the order of the harm that each does by itself.
   (Restoring one layer at a time in the lowered graph shows nothing where many are broken, as after
   a bad calibration.)
   2. Grow. The first k of the ranking are kept float; k is doubled until the check passes, then
   halved back between the last failure and the first pass: about 2 log2(n) checks.
   3. Shrink. Delta debugging (Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing
   Input", 2002): drop halves, quarters, ... single layers of the set wherever it still
   passes.

The result is 1-minimal (no single layer can be dropped) unless the budget of checks ran out; it
need not be the smallest set there is, which would take 2^n checks. Knows names and two functions,
no graphs.
"""

from collections.abc import Callable, Collection, Sequence

BUDGET = 40  # checks; each measures a metric on a data set

Check = Callable[[Collection[str]], bool]


def ranked(
    layers: Sequence[str], error_with_float: Callable[[Collection[str]], float]
) -> dict[str, float]:
    """{layer: error with it alone lowered}, the worst first. error_with_float: the error with those
    layers in float."""
    alone = {
        layer: error_with_float([other for other in layers if other != layer]) for layer in layers
    }
    return dict(sorted(alone.items(), key=lambda item: -item[1]))


def smallest_float_set(
    ranking: Sequence[str], passes: Check, budget: int = BUDGET
) -> list[str] | None:
    """Layers to keep float, in the order of the ranking; None where even the whole float graph does
    not pass."""
    check = _Counted(passes, budget)
    if check([]):
        return []
    if not check(ranking):
        return None
    return _shrunk(_grown(ranking, check), check)


class _Counted:
    """A check that is asked once for each set, and says no when its budget is spent: what is kept
    then stays kept."""

    def __init__(self, passes: Check, budget: int) -> None:
        self.passes, self.budget = passes, budget
        self.known: dict[frozenset[str], bool] = {}

    def __call__(self, layers: Collection[str]) -> bool:
        key = frozenset(layers)
        if key not in self.known:
            if self.budget == 0:
                return False
            self.budget -= 1
            self.known[key] = self.passes(layers)
        return self.known[key]


def _grown(ranking: Sequence[str], check: Check) -> list[str]:
    """The first k of the ranking that pass, k by doubling and halving."""
    fails, k = 0, 1
    while k < len(ranking) and not check(ranking[:k]):
        fails, k = k, 2 * k
    passing = min(k, len(ranking))
    while passing - fails > 1:
        middle = (passing + fails) // 2
        if check(ranking[:middle]):
            passing = middle
        else:
            fails = middle
    return list(ranking[:passing])


def _shrunk(kept: list[str], check: Check) -> list[str]:
    size = len(kept) // 2
    while size:
        start = 0
        while start < len(kept):
            trial = kept[:start] + kept[start + size :]
            if trial and check(trial):
                kept = trial
            else:
                start += size
        size //= 2
    return kept

"""Named alarms of `--when`: raised by the first row of which the expression is true, cleared when
it has been false of every row for a second, so that a number at the threshold does not flutter; a
row of which it is not known leaves it as it is.

Knows expressions and the rows' own time; not who is told.
"""

import logging
import re
from typing import Dict, List, NamedTuple, Sequence, Tuple

from catseye.runtime.control.expression import Expression, Values, expression_from_text
from catseye.runtime.control.numbers import full_name, numbers_of
from catseye.runtime.errors import CatseyeError
from catseye.runtime.system.json_document import JsonObject

CLEAR_AFTER_S = 1.0
MOST = 16
LONGEST_NAME = 32
NAMED = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]*)\s*=(?!=)(.*)\Z", re.DOTALL)

log = logging.getLogger("catseye")


class Condition(NamedTuple):
    """What raises an alarm."""

    name: str
    expression: Expression


def conditions_from_texts(texts: Sequence[str]) -> List[Condition]:
    """`near=free_m < 10`, or without a name, then the expression is it. Raises CatseyeError for
    what is no expression, a name twice, too many of them."""
    if len(texts) > MOST:
        raise CatseyeError("%d times --when" % len(texts), "at most %d" % MOST)
    conditions = [_condition(text) for text in texts]
    names = [condition.name for condition in conditions]
    for name in names:
        if names.count(name) > 1:
            raise CatseyeError("two --when are called %r" % name, "a name for each")
    return conditions


def _condition(text: str) -> Condition:
    named = NAMED.match(text)
    name, words = (named.group(1), named.group(2)) if named else (" ".join(text.split()), text)
    expression = expression_from_text(words.strip())
    if len(name) > LONGEST_NAME:
        raise CatseyeError(
            "an alarm called %r" % name,
            "a name of at most %d letters" % LONGEST_NAME,
            "such as --when 'near=%s'" % expression.text,
        )
    return Condition(name, expression)


class Alarms:
    """Follows the rows of one camera.  counts: how often each was raised."""

    def __init__(self, conditions: Sequence[Condition], camera: str = "") -> None:
        self._conditions, self._camera = conditions, camera
        self._names: Dict[str, str] = {}  # in full, of those in the expressions
        self._seen_s: Dict[str, float] = {}  # of the raised ones: when last true or not known
        self.counts = {condition.name: 0 for condition in conditions}

    def check(self, row: JsonObject, at_s: float) -> Tuple[str, ...]:
        """The names of the raised ones, in the order they were given.

        at_s: when the row's picture was taken, on one clock for all. Raises CatseyeError for a name
        that rows of this run do not have.
        """
        if not self._conditions:
            return ()
        known = numbers_of(row)
        if not self._names:
            self._names = names_of(self._conditions, list(known), self._camera)
        values = {name: known.get(full) for name, full in self._names.items()}
        for condition in self._conditions:
            self._follow(condition, values, at_s)
        return tuple(each.name for each in self._conditions if each.name in self._seen_s)

    def _follow(self, condition: Condition, values: Values, at_s: float) -> None:
        name, holds = condition.name, condition.expression.holds(values)
        if name not in self._seen_s:
            if holds:
                self.counts[name] += 1
                self._seen_s[name] = at_s
                log.warning("alarm %s%s: %s", name, self._where(), condition.expression.text)
        elif holds is not False:
            self._seen_s[name] = at_s
        elif not 0 <= at_s - self._seen_s[name] < CLEAR_AFTER_S:  # a replay may begin anew
            del self._seen_s[name]
            log.info("alarm %s%s is over", name, self._where())

    def _where(self) -> str:
        return " of camera %s" % self._camera if self._camera else ""


def names_of(
    conditions: Sequence[Condition], known: Sequence[str], camera: str = ""
) -> Dict[str, str]:
    """The full name of each number in the expressions. camera: whose rows are known. Raises
    CatseyeError where there is none."""
    whose = "camera " + camera if camera else "this run"
    used = {name for condition in conditions for name in condition.expression.names}
    return {name: full_name(name, known, whose) for name in sorted(used)}

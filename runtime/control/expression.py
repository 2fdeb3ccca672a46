"""Comparisons of a row's numbers: `free_m < 10 and not (age_ms > 80 or stale)`.

    expression  = conjunction {"or" conjunction}
    conjunction = negation {"and" negation}
    negation    = "not" negation | comparison
    comparison  = operand {("<" | "<=" | ">" | ">=" | "==" | "!=") operand}
    operand     = NUMBER | NAME | "(" expression ")"

Nothing of it is ever given to Python. A chain (`5 < free_m < 10`) compares neighbours, a name alone
is true unless it is 0. What depends on a number that is not known is not known either (Kleene's
three values): `unknown and false` is false, `unknown or true` is true. Knows text and numbers; not
where they come from.
"""

import operator
import re
from typing import Callable, Dict, List, NamedTuple, Optional, Set

from catseye.runtime.control.numbers import Number
from catseye.runtime.errors import CatseyeError

LONGEST, DEEPEST = 400, 20  # letters, and parentheses or `not` in one another
TOKEN = re.compile(
    r"\s*(?:(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,3})?)(?![\w.])"
    r"|(?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d{1,4}\])*)"
    r"|(?P<sign><=|>=|==|!=|<|>|\(|\)))",
    re.ASCII,
)
COMPARISONS: Dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
WORDS = ("and", "or", "not")
EXPECTED = "comparisons such as free_m < 10 and age_ms <= 80, of names, numbers, and, or, not, ( )"

Truth = Optional[bool]  # None: not known
Values = Dict[str, Number]
Condition = Callable[[Values], Truth]
Operand = Callable[[Values], Number]


class Expression(NamedTuple):
    """text: as it was written.  names: of the numbers in it, as written.  holds: whether it is true
    of numbers by those names."""

    text: str
    names: List[str]
    holds: Condition


def expression_from_text(text: str) -> Expression:
    """Raises CatseyeError for what is none."""
    if len(text) > LONGEST:
        raise CatseyeError("--when with %d letters" % len(text), "at most %d" % LONGEST)
    parser = _Parser(text)
    holds = parser.disjunction(0)
    if parser.token.text:
        raise parser.wrong()
    if not parser.names:
        raise CatseyeError("--when %r uses no number of a row" % text, EXPECTED)
    return Expression(text, sorted(parser.names), holds)


class _Token(NamedTuple):
    kind: str  # number, name, word, sign; "" at the end
    text: str
    at: int


class _Parser:
    """Reads from left to right, one token ahead."""

    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0
        self.names: Set[str] = set()
        self.token = self._next()

    def disjunction(self, depth: int) -> Condition:
        return self._joined("or", self._conjunction, depth, True)

    def wrong(self) -> CatseyeError:
        found = repr(self.token.text) if self.token.text else "its end"
        return CatseyeError(
            "--when %r: %s at letter %d" % (self._text, found, self.token.at + 1), EXPECTED
        )

    def _conjunction(self, depth: int) -> Condition:
        return self._joined("and", self._negation, depth, False)

    def _joined(
        self, word: str, part: Callable[[int], Condition], depth: int, decides: bool
    ) -> Condition:
        """decides: the truth of one part that is that of the whole."""
        parts = [part(depth)]
        while self._took(word):
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else _all_of(parts, decides)

    def _negation(self, depth: int) -> Condition:
        if depth > DEEPEST:
            raise CatseyeError("--when: more than %d in one another" % DEEPEST, EXPECTED)
        if self._took("not"):
            return _not(self._negation(depth + 1))
        return self._comparison(depth)

    def _comparison(self, depth: int) -> Condition:
        if self._took("("):
            condition = self.disjunction(depth + 1)
            if not self._took(")"):
                raise self.wrong()
            return condition
        first = self.token
        operands, signs = [self._operand()], []
        while self.token.text in COMPARISONS:
            signs.append(COMPARISONS[self._taken().text])
            operands.append(self._operand())
        if not signs and first.kind == "number":
            raise self.wrong()
        return _chain(operands, signs) if signs else _is_set(operands[0])

    def _operand(self) -> Operand:
        if self.token.kind not in ("number", "name"):
            raise self.wrong()
        token = self._taken()
        if token.kind == "number":
            value = float(token.text)
            return lambda values: value
        self.names.add(token.text)
        return lambda values: values[token.text]

    def _took(self, text: str) -> bool:
        is_next = self.token.kind in ("word", "sign") and self.token.text == text
        if is_next:
            self._taken()
        return is_next

    def _taken(self) -> _Token:
        token, self.token = self.token, self._next()
        return token

    def _next(self) -> _Token:
        match = TOKEN.match(self._text, self._at)
        if match is None:
            rest = self._text[self._at :]
            begin = self._at + len(rest) - len(rest.lstrip())
            return _Token("", rest.strip()[:10], begin)
        self._at = match.end()
        kind = str(match.lastgroup)
        text = match.group(kind)
        return _Token("word" if text in WORDS else kind, text, match.start(kind))


def _all_of(parts: List[Condition], decides: bool) -> Condition:
    def holds(values: Values) -> Truth:
        truths = [part(values) for part in parts]
        if decides in truths:
            return decides
        return None if None in truths else not decides

    return holds


def _not(part: Condition) -> Condition:
    def holds(values: Values) -> Truth:
        truth = part(values)
        return None if truth is None else not truth

    return holds


def _is_set(operand: Operand) -> Condition:
    def holds(values: Values) -> Truth:
        value = operand(values)
        return None if value is None else value != 0

    return holds


def _chain(operands: List[Operand], signs: List[Callable[[float, float], bool]]) -> Condition:
    def pair(place: int) -> Condition:
        def holds(values: Values) -> Truth:
            left, right = operands[place](values), operands[place + 1](values)
            return None if left is None or right is None else signs[place](left, right)

        return holds

    return _all_of([pair(place) for place in range(len(signs))], False)

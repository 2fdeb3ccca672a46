"""The language of --when: against Python's own `eval` on what both can read, and on what is
hostile."""

import itertools
import random

import pytest

from catseye.runtime.control.expression import DEEPEST, LONGEST, expression_from_text
from catseye.runtime.errors import CatseyeError


def holds(text, **values):
    return expression_from_text(text).holds(values)


@pytest.mark.parametrize(
    "text, truth",
    (
        ("a < 10", True),
        ("a<10 and b>=2", True),
        ("a > 5 or not b == 2", False),
        ("not (a > 5 or b > 5)", True),
        ("0 < a < b", False),
        ("-1.5e0 < a <= 3.0", True),
        ("a != 3", False),
        ("z", False),
        ("a and not z", True),
        ("x.y[3] == 7", True),
        ("  a\t<\n10 ", True),
        ("10 > a", True),
        ("a == .3e1", True),
    ),
)
def test_what_holds(text, truth):
    assert holds(text, a=3.0, b=2.0, z=0.0, **{"x.y[3]": 7.0}) is truth


@pytest.mark.parametrize(
    "text, truth",
    (
        ("u < 1", None),
        ("not u", None),
        ("u < 1 and a > 5", False),
        ("u < 1 and a < 5", None),
        ("u < 1 or a < 5", True),
        ("u < 1 or a > 5", None),
        ("1 < u < a", None),
        ("5 < a < u", False),
    ),
)
def test_what_is_not_known_stays_so_unless_the_rest_decides(text, truth):
    assert holds(text, a=3.0, u=None) is truth


def grown(rng, depth):
    """An expression at random, that Python reads as we do."""
    kind = rng.random()
    if depth == 0 or kind < 0.4:
        operands = [
            rng.choice(("a", "b", "c", "-2", "0.5", "3")) for _ in range(rng.choice((2, 2, 3)))
        ]
        operands[rng.randrange(len(operands))] = rng.choice("abc")
        signs = [rng.choice(("<", "<=", ">", ">=", "==", "!=")) for _ in operands[1:]]
        return " ".join(itertools.chain(*zip(operands, signs + [""]))).strip()
    if kind < 0.6:
        return "not %s" % grown(rng, depth - 1)
    left, right = grown(rng, depth - 1), grown(rng, depth - 1)
    word = rng.choice(("and", "or"))
    return rng.choice(("%s %s %s", "(%s) %s (%s)", "(%s %s %s)")) % (left, word, right)


def test_python_agrees_on_two_thousand_expressions():
    rng = random.Random(1)
    for _ in range(2000):
        text = grown(rng, 3)
        values = {name: rng.choice((-2.0, 0.0, 0.5, 1.0, 3.0)) for name in "abc"}
        if len(text) <= LONGEST:
            assert holds(text, **values) is bool(eval(text, {}, dict(values))), (text, values)


HOSTILE = (
    "",
    " ",
    "1 < 2",
    "5",
    "a <",
    "< a",
    "a < < 3",
    "a = 3",
    "a < 3)",
    "(a < 3",
    "a < 10 b > 3",
    "a << 3",
    "a + 1 < 3",
    "a < 0x10",
    "a < 1e9999",
    "a < 12abc",
    "a < 1.2.3",
    "__import__('os').system('true')",
    "a.__class__ == 1 or open('x')",
    "(lambda: 1)() < a",
    "a[b] < 1",
    "a[-1] < 1",
    "a[99999] < 1",
    "a; b",
    "a < 'dark'",
    "a <\x00 3",
    "ä < 3",
    "a < ٣",
    "not",
    "and a",
    "a and",
    "a not b",
    "(" * 1000 + "a" + ")" * 1000,
    "(" * (DEEPEST + 2) + "a" + ")" * (DEEPEST + 2),
    "not " * (DEEPEST + 2) + "a",
    "a < 1" + " and a < 1" * LONGEST,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_comparison_is_one_line(text):
    with pytest.raises(CatseyeError, match="--when") as caught:
        expression_from_text(text)
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 2 * LONGEST


def test_letters_at_random_are_an_expression_or_one_line():
    rng, letters = random.Random(2), "ab.[0]() <>=!-1e not and or"
    for _ in range(3000):
        text = "".join(rng.choice(letters) for _ in range(rng.randrange(20)))
        try:
            expression = expression_from_text(text)
        except CatseyeError:
            continue
        values = dict.fromkeys(expression.names, 1.0)
        assert expression.holds(values) in (True, False)

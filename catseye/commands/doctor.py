"""`catseye doctor`: what is wrong with this machine, and how to fix it. Exit code 1 where something
stops `run`."""

from typing import List, Sequence

from catseye.commands.parsing.parser import Parser, print_json, say
from catseye.jetson.checks.check import Check
from catseye.jetson.doctor import examine, machine_summary


def main(argv: List[str]) -> int:
    parser = Parser("doctor", "Find what is wrong with this machine, and how to fix it.")
    parser.add_argument("--json", action="store_true", help="as JSON on stdout")
    args = parser.parse_args(argv)

    checks = examine()
    ok = all(check.status != "fail" for check in checks)
    if args.json:
        print_json(
            {
                "ok": ok,
                "checks": [check.as_json() for check in checks],
                "machine": machine_summary(),
            }
        )
    else:
        _say_report(checks, ok)
    return 0 if ok else 1


def _say_report(checks: Sequence[Check], ok: bool) -> None:
    width = max(len(check.name) for check in checks)
    for check in checks:
        say(line_of(check, width))
    warnings = sum(check.status == "warn" for check in checks)
    say("%s; warnings: %d" % ("nothing stops `run`" if ok else "`run` cannot work here", warnings))


def line_of(check: Check, width: int = 0) -> str:
    """What people read of a check; width: of the names above each other."""
    advice = "" if check.status == "ok" else "; expected %s; fix: %s" % (check.expected, check.fix)
    return "%-4s  %s  %s%s" % (check.status, check.name.ljust(width), check.found, advice)

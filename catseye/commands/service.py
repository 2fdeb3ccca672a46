"""`catseye service`: run at every start of the board, watched and restarted by systemd.

    sudo python3 road.pyz service install -- --source csi://0 --sink jsonl://rows.jsonl

What follows `--` are the options of `run`; they are checked before anything is written.
"""

import argparse
import re
from typing import Dict, List, Tuple

from catseye.commands.parsing.parser import Parser, print_json, say
from catseye.commands.parsing.values import positive_int
from catseye.commands.run.options import run_parser
from catseye.jetson.service.environment import secrets_moved, variables_named
from catseye.jetson.service.installation import (
    InstalledService,
    ServiceStatus,
    install,
    names_below,
    plan_of,
    remove,
    replaced_by,
    status,
)
from catseye.jetson.service.program import check_further_models, checked_model
from catseye.runtime.cameras.names import addresses_by_name
from catseye.runtime.control.alarms import conditions_from_texts
from catseye.runtime.errors import CatseyeError
from catseye.runtime.model_file.packed import packed_model
from catseye.runtime.sinks import check_sink
from catseye.runtime.sources import check_source


def main(argv: List[str]) -> int:
    words, run_words = _split(argv)
    args = _parser().parse_args(words)
    if run_words and args.action != "install":
        raise CatseyeError(
            "options after -- for service " + args.action, "them for install only", "leave them out"
        )
    if args.action == "install":
        return _install(args, run_words)
    service = InstalledService(_checked_name(args.name or _name_here(args.root)), args.root)
    if args.action == "status":
        return _status(status(service), args.json)
    for line in remove(service):
        say(line)
    return 0


def _parser() -> Parser:
    parser = Parser(
        "service",
        "Run as a systemd service from every start of the board on: install -- OPTIONS OF RUN,"
        " status, remove.",
    )
    parser.add_argument("action", choices=("install", "status", "remove"))
    parser.add_argument(
        "--name", default="", help="the service is called catseye-NAME (default: the model's name)"
    )
    parser.add_argument(
        "--write",
        action="append",
        default=[],
        metavar="DIR",
        help=(
            "a folder it may write to besides /var/lib/catseye, its working folder; may be repeated"
        ),
    )
    parser.add_argument(
        "--watchdog",
        type=positive_int,
        default=30,
        metavar="S",
        help="restart after so many seconds without a sign of life (default 30)",
    )
    parser.add_argument(
        "--root", default="/", metavar="DIR", help="write below this folder and start nothing"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the systemd unit and do nothing"
    )
    parser.add_argument("--json", action="store_true", help="status as JSON on stdout")
    return parser


def _install(args: argparse.Namespace, run_words: List[str]) -> int:
    run_args = run_parser().parse_args(run_words)
    model = checked_model(run_args.model)
    check_further_models(run_args)
    for address in addresses_by_name(run_args.source).values():
        check_source(address)
    for sink in run_args.sink:
        check_sink(sink)
    conditions_from_texts(run_args.when)
    service = InstalledService(_checked_name(args.name or model.name), args.root)
    own, moved = variables_named(run_words), secrets_moved(run_words)
    words = moved._replace(secrets=dict(own, **moved.secrets))
    plan = plan_of(service, model, words, args.write, args.watchdog)
    for line in replaced_by(plan):
        say(("would replace " if args.dry_run else "replaces ") + line)
    if args.dry_run:
        print(plan.unit, end="")
        return 0
    for line in install(plan):
        say(line)
    return 0


def _name_here(root: str) -> str:
    """The service that is meant where none is named: this .pyz's, else the only one. Raises
    CatseyeError where there are several."""
    names = names_below(root)
    if packed_model() is not None:
        return checked_model("").name
    if len(names) > 1:
        raise CatseyeError("no --name", "one of: " + ", ".join(names))
    return names[0] if names else "road"


def _status(found: ServiceStatus, as_json: bool) -> int:
    """Exit code 1 where it is not there or does not run."""
    if as_json:
        print_json(found.as_json())
    elif not found.installed:
        say("%s is not installed" % found.unit)
    else:
        _say_state(found.unit, found.state or {})
        program = found.program_sha256 or "installed as a package"
        say("program %s%s" % (program, "; the one before is kept" if found.previous else ""))
    return 0 if found.ok else 1


def _say_state(unit: str, state: Dict[str, str]) -> None:
    """state: what systemd said, {} where it was not asked."""
    active, sub = (
        state.get("ActiveState", "installed"),
        state.get("SubState", "systemd not queried"),
    )
    since, restarts = state.get("ActiveEnterTimestamp") or "never", state.get("NRestarts", "0")
    say("%s: %s (%s), %s restarts, since %s" % (unit, active, sub, restarts, since))


def _split(argv: List[str]) -> Tuple[List[str], List[str]]:
    """What stands before and after the first `--`."""
    at = argv.index("--") if "--" in argv else len(argv)
    return argv[:at], argv[at + 1 :]


def _checked_name(name: str) -> str:
    if not re.match(r"[-_]*[A-Za-z0-9][A-Za-z0-9_-]*\Z", name):  # what systemd takes
        raise CatseyeError("service name %r" % name, "A-Z a-z 0-9 - _", "such as --name road")
    return name

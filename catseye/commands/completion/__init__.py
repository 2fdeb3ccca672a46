"""`catseye completion SHELL`: what makes the shell complete verbs, options, models and files.

    eval "$(catseye completion bash)"          # in ~/.bashrc; zsh likewise, after compinit
    catseye completion fish | source           # in ~/.config/fish/config.fish

What it prints asks `catseye` itself at each TAB; argcomplete knows how shells are spoken to.
"""

from typing import List

from catseye.commands.parsing.parser import Parser
from catseye.runtime.errors import CatseyeError

SHELLS = ("bash", "zsh", "fish")


def main(argv: List[str]) -> int:
    parser = Parser("completion", "Print shell completion for catseye's commands and options.")
    parser.add_argument("shell", choices=SHELLS, help="eval the output when the shell starts")
    args = parser.parse_args(argv)
    try:
        from argcomplete import shellcode
    except ImportError as error:
        raise CatseyeError(
            "no package argcomplete (%s)" % error, "it", "install it: pip install argcomplete"
        )
    print(shellcode(["catseye"], shell=args.shell))
    return 0

"""An option that may be given once: the last of several would be taken without a word."""

import argparse
from typing import Any, Optional

from catseye.runtime.errors import CatseyeError


class Once(argparse.Action):
    """An argparse action that keeps a value and raises CatseyeError at a second one."""

    given = False

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: Any,
        option_string: Optional[str] = None,
    ) -> None:
        """What argparse calls with a value. Raises CatseyeError for a second one."""
        if self.given:
            words = option_string, getattr(namespace, self.dest), option_string, values
            raise CatseyeError("%s %s and %s %s" % words, "one of them with `%s`" % parser.prog)
        self.given = True
        setattr(namespace, self.dest, values)

"""`make figures`: run every command of docs/lecture.md that draws a figure. The page is the list;
there is no other.

DATA in a command stands for the folder of the data sets, CATSEYE_DATA.
"""

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

PAGE = Path(__file__).parent / "lecture.md"
COMMAND = re.compile(r"`(catseye [^`]* --figure [^`]+)`")


def main() -> int:
    data, failed = os.environ.get("CATSEYE_DATA"), 0
    if not data:
        sys.exit(
            "no CATSEYE_DATA; expected the folder that holds mnist/, camvid/ and bsds/; set it"
        )
    for command in dict.fromkeys(COMMAND.findall(PAGE.read_text(encoding="utf-8"))):
        begun = time.perf_counter()
        words = [data if word == "DATA" else word for word in shlex.split(command)]
        code = subprocess.run([sys.executable, "-m", *words], cwd=PAGE.parent.parent).returncode
        print(
            f"{'ok  ' if code == 0 else 'FAIL'} {time.perf_counter() - begun:5.0f} s  {command}",
            flush=True,
        )
        failed += code != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

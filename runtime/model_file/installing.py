"""How a missing package is got. A .pyz runs on boards, where what pip brings hides what JetPack
brought: there the system's package is named, or nothing to install at all."""

from catseye.runtime.model_file.packed import archive_path


def to_install(package: str, of_the_system: str = "", on_board: bool = False) -> str:
    """What fixes that `package` is missing.

    package: its name for pip. of_the_system: for apt, "" where a system has none.  on_board: known
    to be one, whatever this program was started from.
    """
    if archive_path() is None and not on_board:
        return "pip install " + package
    if of_the_system:
        return "sudo apt install %s (on a board JetPack's own, nothing from pip)" % of_the_system
    return "use a Python that has it (on a board nothing from pip, which hides JetPack's own)"

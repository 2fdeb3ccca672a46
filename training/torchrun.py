"""What torchrun tells a process of its place, for whoever asks before torch is imported."""

import os


def is_in_torchrun() -> bool:
    """Whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


def rank_in_environment() -> int:
    """This process's rank as torchrun says it, before the processes have met; 0 for one that runs
    alone."""
    return int(os.environ["RANK"]) if is_in_torchrun() else 0

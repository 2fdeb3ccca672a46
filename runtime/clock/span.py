"""A span of time as people read it. Does without NumPy, as the command line must, which says in one
line that NumPy is missing."""


def clock_time(seconds: float) -> str:
    """0:05, 12:34, 1:02:03."""
    minutes, rest = divmod(int(round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return "%d:%02d:%02d" % (hours, minutes, rest) if hours else "%d:%02d" % (minutes, rest)

"""The process list: what `ps` shows of this program to every user of the machine.

Linux keeps the words of a command line in the process's own memory, where it may write them anew;
elsewhere, and where that is not allowed, they stay as they are.
"""

from catseye.runtime.system.masking import masked_words

ARG_START, ARG_END = 47, 48  # of /proc/self/stat, counted from 0: where the words lie


def hide_secrets_of_command_line() -> None:
    """Let `ps` show the words of this process with their secrets masked, each as long as before."""
    try:
        with open("/proc/self/cmdline", "rb") as stream:
            words = stream.read()
        with open("/proc/self/stat", "rb") as stream:
            # the second field is a name in brackets, which may hold spaces
            fields = b"0 0" + stream.read().rpartition(b")")[2]
        begin, end = (int(fields.split()[at]) for at in (ARG_START, ARG_END))
        hidden = hidden_words(words)
        if hidden != words and begin and end - begin == len(words):
            _overwrite(begin, words, hidden)
    except (OSError, ValueError, IndexError):
        pass


def hidden_words(words: bytes) -> bytes:
    """NUL-terminated words with their secrets masked, in as many bytes as before."""
    texts = [word.decode("utf-8", "surrogateescape") for word in words.split(b"\0")]
    return b"\0".join(
        _as_long(shown.encode("utf-8", "surrogateescape"), word)
        for shown, word in zip(masked_words(texts), words.split(b"\0"))
    )


def _as_long(shown: bytes, word: bytes) -> bytes:
    return shown[: len(word)].ljust(len(word))


def _overwrite(begin: int, words: bytes, hidden: bytes) -> None:
    """Through the kernel, which answers a wrong address with an error."""
    with open("/proc/self/mem", "r+b", buffering=0) as memory:
        memory.seek(begin)
        if memory.read(len(words)) == words:
            memory.seek(begin)
            memory.write(hidden)

import os

from catseye.runtime.hush import hushed


def test_native_words_are_swallowed_only_inside(capfd):
    os.write(2, b"before ")
    with hushed():
        os.write(2, b"libpng error ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"

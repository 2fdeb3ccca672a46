import os

from catseye.runtime.system.native_stderr import captured_native_stderr, silenced_native_stderr


def test_native_words_are_swallowed_only_inside(capfd):
    os.write(2, b"before ")
    with silenced_native_stderr():
        os.write(2, b"libpng error ")
    os.write(2, b"after")
    assert capfd.readouterr().err == "before after"


def test_what_native_code_said_can_be_asked_for(capfd):
    with captured_native_stderr() as said:
        os.write(2, b"Error generated. ")
        assert said() == "Error generated. "
        os.write(2, b"No cameras available")
        assert said().endswith("No cameras available")
    assert capfd.readouterr().err == ""

import resource
import time

import numpy as np

from catseye.training.journal import Journal


def test_a_full_disk_is_one_line_and_the_run_goes_on(tmp_path, capfd, caplog):
    """TensorBoard's thread meets it first, whoever asks next meets it again."""
    picture = np.random.RandomState(1).randint(0, 256, (80, 80, 3)).astype(np.uint8)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    with Journal(tmp_path / "tensorboard", 0) as journal:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
        try:
            until_s = time.monotonic() + 20
            while not caplog.records and time.monotonic() < until_s:
                journal.pictures(1, {"picture": picture})
                journal.numbers(1, {"loss": 0.5})
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        journal.numbers(2, {"loss": 0.5})
    assert [record.getMessage().split(" gets ")[1] for record in caplog.records] == [
        "no more for TensorBoard: File too large"
    ]
    assert "Traceback" not in capfd.readouterr().err


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    with Journal(tmp_path / "file" / "tensorboard", 0) as journal:
        journal.numbers(1, {"loss": 0.5})
    assert len(caplog.records) == 1


def test_without_a_folder_nothing_is_said(capfd):
    with Journal(None, 0) as journal:
        journal.numbers(1, {"loss": 0.5})
        journal.line("words")
    assert capfd.readouterr().out == ""

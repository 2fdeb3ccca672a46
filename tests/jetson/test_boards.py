import re

import pytest

from catseye.jetson.boards import PEAKS


@pytest.mark.parametrize("name", sorted(set(PEAKS) - {"thor"}))
def test_a_rate_is_what_its_derivation_multiplies(name):
    cores, ghz, operations = re.match(
        r"(\d+) [\w ]+ x ([\d.]+) GHz x (\d+)", PEAKS[name].derivation
    ).groups()
    rate = int(cores) * float(ghz) * int(operations) / 1000
    assert PEAKS[name].fp16_tflops == pytest.approx(rate)


def test_newer_boards_are_faster():
    in_order = ["nano", "tx1", "tx2", "xavier-nx", "orin-nano", "agx-xavier", "orin-nx"]
    in_order += ["orin-nano-super", "agx-orin", "thor"]
    rates = [PEAKS[name].fp16_tflops for name in in_order]
    assert rates == sorted(rates) and set(in_order) == set(PEAKS)

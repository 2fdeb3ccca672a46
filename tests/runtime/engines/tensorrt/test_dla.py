"""Which layers go to a DLA: asked one by one; the others are told with TensorRT's reasons."""

from types import SimpleNamespace
from typing import Any, Optional

import pytest

from catseye.runtime.engines.tensorrt.dla import check_core, layers_of, place_on_dla
from catseye.runtime.errors import CatseyeError

TRT: Any = SimpleNamespace(
    __version__="8.6.1",
    DeviceType=SimpleNamespace(GPU="gpu", DLA="dla"),
    BuilderFlag=SimpleNamespace(GPU_FALLBACK="fallback"),
)


class Network:
    def __init__(self, *names: str) -> None:
        self.num_layers = len(names)
        self._layers = [
            SimpleNamespace(name=name, type=SimpleNamespace(name=name.upper())) for name in names
        ]

    def get_layer(self, index: int) -> Any:
        return self._layers[index]


class Config:
    """Takes the layers whose names are in `taken`; says to the log why it takes no other."""

    default_device_type, DLA_core = TRT.DeviceType.GPU, -1

    def __init__(self, taken: str, reasons: Optional[dict[str, list[str]]] = None) -> None:
        self.log = SimpleNamespace(complaints=["of something else"])
        self.flags: list[str] = []
        self.devices: dict[str, str] = {}
        self._taken, self._reasons = taken.split(), reasons or {}

    def can_run_on_DLA(self, layer: Any) -> bool:
        self.log.complaints += self._reasons.get(layer.name, [])
        return layer.name in self._taken

    def set_device_type(self, layer: Any, device: str) -> None:
        self.devices[layer.name] = device

    def set_flag(self, flag: str) -> None:
        self.flags.append(flag)


def placed(config: Config, network: Network, core: int = 1) -> Any:
    return place_on_dla(TRT, config, network, core, config.log)


def test_what_the_dla_takes_stays_there_and_the_rest_falls_back() -> None:
    config = Config("conv relu")
    fallbacks = placed(config, Network("conv", "relu", "argmax"))
    assert [tuple(each)[:2] for each in fallbacks] == [("argmax", "ARGMAX")]
    assert config.devices == {"argmax": "gpu"}
    assert (config.default_device_type, config.DLA_core, config.flags) == ("dla", 1, ["fallback"])


def test_the_reason_is_that_of_the_layer_in_one_line() -> None:
    reasons = {"cast": ["cast: no\n  such type", "and no other"], "conv": ["conv: slow"]}
    config = Config("conv", reasons)
    fallbacks = placed(config, Network("conv", "cast", "argmax"))
    assert [each.reason for each in fallbacks] == [
        "cast: no such type; and no other",
        "not a layer of the DLA",  # TensorRT did not say, and no other's reason is taken for it
    ]


def test_a_network_that_the_dla_takes_whole_has_no_fallbacks() -> None:
    assert placed(Config("conv relu"), Network("conv", "relu")) == []


def test_a_network_of_which_it_takes_nothing_is_refused() -> None:
    config = Config("", {"cast": ["no casts"]})
    with pytest.raises(CatseyeError) as caught:
        placed(config, Network("cast", "argmax"))
    assert "takes none of the 2 layers (cast: no casts)" in str(caught.value)
    assert caught.value.fix == "build without --dla"


@pytest.mark.parametrize(
    ("cores", "core", "said"),
    [
        (0, 0, "sees no DLA here"),
        (1, 1, "0 to 0: this board has 1 DLA cores"),
        (2, 5, "0 to 1: this board has 2 DLA cores"),
    ],
)
def test_a_core_that_is_not_there_is_refused(cores: int, core: int, said: str) -> None:
    with pytest.raises(CatseyeError, match=said):
        check_core(TRT, SimpleNamespace(num_DLA_cores=cores), core)


@pytest.mark.parametrize("core", [0, 1])
def test_cores_that_are_there(core: int) -> None:
    check_core(TRT, SimpleNamespace(num_DLA_cores=2), core)


def test_layers_in_order() -> None:
    assert [layer.name for layer in layers_of(Network("a", "b"))] == ["a", "b"]

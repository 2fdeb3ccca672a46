"""Road segmentation networks: what they share (`base`), the one that is trained from nothing
(`factorised`), and the one whose encoder has seen the world (`lite`)."""

from catseye.models.road.base import LAST_LAYERS, MEAN_RGB, STD_RGB, RoadNetwork, doubled
from catseye.models.road.factorised import NANO, RoadConfig, RoadNet
from catseye.models.road.lite import LITE_LARGE, LITE_NANO, LiteRoadConfig, LiteRoadNet

__all__ = [
    "LAST_LAYERS",
    "LITE_LARGE",
    "LITE_NANO",
    "MEAN_RGB",
    "NANO",
    "STD_RGB",
    "LiteRoadConfig",
    "LiteRoadNet",
    "RoadConfig",
    "RoadNet",
    "RoadNetwork",
    "doubled",
]

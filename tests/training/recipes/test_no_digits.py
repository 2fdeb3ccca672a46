"""What is no digit: letters in a digit's form, and noise of every grain."""

import torch

from catseye.models.checkpoint import load_shipped
from catseye.training.recipes import no_digits
from catseye.training.recipes.digits import network_input_from_digits
from catseye.training.recipes.no_digits import KEPT, SHOWN, letters, noise


def test_letters_have_the_form_of_a_digit():
    drawn = letters("AW")
    assert drawn.shape == (2 * len(no_digits.FONTS) * len(no_digits.PENS), 32, 32)
    assert drawn.dtype == torch.uint8
    ink = drawn > 0
    sides = torch.maximum(ink.any(1).sum(1), ink.any(2).sum(1))
    assert (sides - 20).abs().max() <= 2  # MNIST's square


def test_no_letter_to_measure_by_is_shown():
    assert not set(SHOWN) & set(KEPT)
    assert not set("0123456789BGIOQSZglqsz") & set(SHOWN + KEPT)  # what may pass for a digit


def test_noise_is_of_every_grain_and_repeats():
    random, again = (torch.Generator().manual_seed(3) for _ in range(2))
    pictures = [noise(4, random) for _ in range(40)]
    assert torch.equal(pictures[0], noise(4, again))
    assert all(each.shape == (4, 1, 32, 32) for each in pictures)
    assert min(each.min() for each in pictures) >= 0 and max(each.max() for each in pictures) <= 1
    # neighbours of a coarse grain are alike, those of the finest are not
    steps = sorted(
        float(each.diff(dim=3).abs().mean() / each.std().clamp_min(1e-3)) for each in pictures
    )
    assert steps[-1] > 4 * steps[0]


def test_the_shipped_network_is_unsure_of_what_is_no_digit():
    network = load_shipped("digits", "digits")
    pictures = network_input_from_digits(letters(KEPT))
    grains = torch.randint(256, (2000, 1, 32, 32), generator=torch.Generator().manual_seed(0)) / 255
    with torch.no_grad():
        of_letters, of_noise = (
            float((network(each).softmax(1).max(1).values >= 0.8).float().mean())
            for each in (pictures, grains)
        )
    assert of_letters < 0.25 and of_noise < 0.005  # the network before: 0.80 and 0.69

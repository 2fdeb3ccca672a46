"""The losses of the road recipe: by labels that may leave a choice, by the metric, and by a
teacher's soft answers.

Knows logits and codes (`runtime/datasets/partial.py`), neither frames nor networks. A head is
compared at its own resolution, with every so many pixels of the masks: neighbours say nearly the
same.
"""

import torch
from torch import Tensor

from catseye.runtime.classes import VOID

LEAST_MASS = 0.1  # of an answer that the label allows, below which the two contradict each other


def thinned(masks: Tensor, logits: Tensor) -> Tensor:
    """(N, H, W) -> (N, h, w), the size of (N, C, h, w) logits: every so many pixels from a random
    corner on."""
    step = masks.shape[1] // logits.shape[2]
    y, x = torch.randint(step, (2,)).tolist()
    return masks[:, y::step, x::step]


def labelled_pixels(logits: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
    """(N, C, H, W) logits and (N, H, W) int64 codes -> (P, C) float32 log-probabilities and (P,)
    codes of what is not void."""
    codes = codes.flatten()
    labelled = codes != VOID
    rows = logits.permute(0, 2, 3, 1).flatten(0, 2)
    return rows[labelled].float().log_softmax(1), codes[labelled]


def label_loss(log_p: Tensor, codes: Tensor, allowed: Tensor, weights: Tensor) -> Tensor:
    """-log of the summed probability of what each pixel may be, the mean weighted by code; for a
    class alone the cross-entropy.

    log_p: (P, C); codes: (P,) int64; allowed: (256, C) bool and weights: (256,), both by code.
    0 without pixels.
    """
    log_allowed = log_p.masked_fill(~allowed[codes], -torch.inf).logsumexp(1)
    weight = weights[codes]
    return -(log_allowed * weight).sum() / weight.sum().clamp_min(torch.finfo().tiny)


def soft_jaccard_loss(p: Tensor, codes: Tensor, allowed: Tensor | None = None) -> Tensor:
    """1 - the mean over the classes present of sum p t / sum (p + t - p t), over all pixels
    together.

    p: (P, C) probabilities; t: one-hot of the (P,) int64 codes, 0 for those that leave a choice,
    which count by what `allowed` (256, C) rules out only. With p in {0, 1} and whole labels this is
    1 - mIoU (Rahman and Wang 2016). 0 without pixels.
    """
    classes = p.shape[1]
    whole = codes < classes
    if allowed is not None and not bool(whole.all()):
        p = p.masked_fill(allowed[codes] & ~whole[:, None], 0)
    hit = torch.where(whole, p.gather(1, codes.clamp_max(classes - 1)[:, None])[:, 0], 0)
    together = p.new_zeros(classes).index_add(0, codes.clamp_max(classes - 1), hit)
    t_sum = torch.bincount(codes[whole], minlength=classes)
    union = p.sum(0) + t_sum - together
    present = t_sum > 0
    return 1 - (together / union)[present].mean() if bool(present.any()) else p.sum() * 0


def distance_to_answers(logits: Tensor, answers: Tensor, codes: Tensor, allowed: Tensor) -> Tensor:
    """KL(answers || network), summed over the pixels without a class of their own that somebody
    answered, over the number of all pixels.

    logits: (N, C, h, w); answers: (N, C, h, w) probabilities, all 0 where nobody answered; codes:
    (N, h, w) int64; allowed: (256, C) bool. An answer is brought to what the label allows; where
    they contradict each other it is not learned.
    """
    rows = answers.permute(0, 2, 3, 1).flatten(0, 2)
    flat = codes.flatten()
    chosen = (flat >= logits.shape[1]) & (rows.sum(1) > 0)
    q = rows[chosen] * allowed[flat[chosen]]
    mass = q.sum(1, keepdim=True)
    q = q / mass.clamp_min(LEAST_MASS)
    log_p = logits.permute(0, 2, 3, 1).flatten(0, 2)[chosen].float().log_softmax(1)
    distance = (torch.xlogy(q, q) - q * log_p).sum(1)
    return (distance * (mass[:, 0] > LEAST_MASS)).sum() / flat.numel()

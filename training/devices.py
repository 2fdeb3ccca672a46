"""What a training computes on: the device by its name, and what it is quick at."""

import torch

from catseye.runtime.errors import CatseyeError


def device_from_name(name: str) -> torch.device:
    """auto: CUDA where there is one, else the CPU. Raises CatseyeError for one that does not
    work."""
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        return torch.zeros(1, device=name).device
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0]
        raise CatseyeError(
            f"device {name!r} does not work ({reason})",
            "auto, cpu, cuda or cuda:N",
            "try --device cpu",
        )


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device multiplies bfloat16 in hardware; where it does not, it is slower than
    float32."""
    if device.type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return bool(torch.cpu.get_capabilities().get("avx512_bf16"))

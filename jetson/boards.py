"""What each board's GPU could do at best: peak rates and memory bandwidth, as data for estimates.

Rates are arithmetic, not measurements: cores x clock x operations per clock, from the figures of
NVIDIA's module data sheets (TX1, Nano, TX2, Xavier NX, AGX Xavier, Orin Nano 8 GB at 15 W and, as
JetPack 6.2 has it, at 25 W ("Super"), Orin NX 16 GB at 25 W, AGX Orin 64 GB, T5000), dense, FP16,
a multiply-add counted as two. Knows numbers only; what a network needs is the export's business.
"""

from typing import Dict, NamedTuple


class Peak(NamedTuple):
    """fp16_tflops: 10^12 operations per second.  bandwidth_gbs: 10^9 bytes per second, shared with
    the CPU."""

    fp16_tflops: float
    bandwidth_gbs: float
    derivation: str


PEAKS: Dict[str, Peak] = {
    "tx1": Peak(256 * 0.998e-3 * 4, 25.6, "256 Maxwell cores x 0.998 GHz x 4 (FP16 pairs)"),
    "nano": Peak(128 * 0.9216e-3 * 4, 25.6, "128 Maxwell cores x 0.9216 GHz x 4 (FP16 pairs)"),
    "tx2": Peak(256 * 1.3e-3 * 4, 59.7, "256 Pascal cores x 1.3 GHz x 4 (FP16 pairs)"),
    "xavier-nx": Peak(48 * 1.1e-3 * 128, 59.7, "48 Volta tensor cores x 1.1 GHz x 128"),
    "orin-nano": Peak(32 * 0.625e-3 * 512, 68.0, "32 Ampere tensor cores x 0.625 GHz x 512"),
    "agx-xavier": Peak(64 * 1.377e-3 * 128, 136.5, "64 Volta tensor cores x 1.377 GHz x 128"),
    "orin-nx": Peak(32 * 0.918e-3 * 512, 102.4, "32 Ampere tensor cores x 0.918 GHz x 512"),
    "orin-nano-super": Peak(32 * 1.02e-3 * 512, 102.4, "32 Ampere tensor cores x 1.02 GHz x 512"),
    "agx-orin": Peak(64 * 1.3e-3 * 512, 204.8, "64 Ampere tensor cores x 1.3 GHz x 512"),
    "thor": Peak(2070 / 8, 273.0, "2070 sparse FP4 TFLOPS / 2 (dense) / 4 (FP16)"),
}

"""What Python says when a package does not fit this machine, and what fixes it: a table. Knows
texts only."""

from typing import Tuple

ILL_FIT = "python3 -m pip uninstall numpy (the system's own is what OpenCV was built against)"

# part of the message -> fix
COMPLAINTS: Tuple[Tuple[str, str], ...] = (
    ("static TLS block", "export LD_PRELOAD=/usr/lib/aarch64-linux-gnu/libgomp.so.1"),
    ("multiarray failed to import", ILL_FIT),
    ("compiled using NumPy 1.x", ILL_FIT),
    ("numpy.dtype size changed", ILL_FIT),
    ("module compiled against API version", ILL_FIT),
    ("libGL.so.1", "sudo apt install libgl1, or the package opencv-python-headless"),
    (
        "libcudart",
        "echo /usr/local/cuda/lib64 | sudo tee /etc/ld.so.conf.d/cuda.conf; sudo ldconfig",
    ),
    (
        "libnvinfer",
        (
            "sudo apt install --reinstall libnvinfer8 (JetPack 6.1 and later: libnvinfer10)"
            " python3-libnvinfer"
        ),
    ),
    ("libnvdla_compiler", "sudo apt install --reinstall nvidia-l4t-dla-compiler"),
    ("GLIBC", "a package of this system's age: uninstall the one from pip and take JetPack's"),
)
# how a process ended -> fix
SIGNALS = {
    4: (
        "export OPENBLAS_CORETYPE=ARMV8 in ~/.bashrc; or back to the system's NumPy: python3 -m pip"
        " uninstall numpy"
    ),
    11: "uninstall what pip brought beside JetPack's NumPy and OpenCV",
}


def fix_of(message: str, otherwise: str) -> str:
    """What fixes the failed import that said `message`."""
    return next((fix for part, fix in COMPLAINTS if part in message), otherwise)

"""The NVIDIA driver: is there one, and what does it call the GPU?

Knows the three calls of libcuda that answer this. Knows nothing of TensorRT, memory or streams
(cudart.py).
"""

from ctypes import CDLL, byref, c_int, create_string_buffer

from catseye.runtime.errors import BackendError

SONAME = "libcuda.so.1"
LONGEST_NAME = 128  # bytes


def require_driver() -> None:
    """Raise BackendError without an NVIDIA driver. Ask first: TensorRT 8.6 dies by a segfault where
    there is none."""
    try:
        code = CDLL(SONAME).cuInit(0)
    except OSError:
        raise BackendError(
            "no NVIDIA driver on this machine (%s)" % SONAME,
            "a driver for TensorRT",
            "install it, or use --backend onnxruntime",
        ) from None
    if code:
        raise BackendError(
            "the NVIDIA driver does not start (cuInit gives %d)" % code,
            "a GPU this user may use",
            "run nvidia-smi (on a board: join the group video), or use --backend onnxruntime",
        )


def gpu_name() -> str:
    """What the driver calls the first GPU, "NVIDIA GeForce RTX 4090" for one. Raises BackendError
    without a driver."""
    require_driver()
    driver, device, name = CDLL(SONAME), c_int(), create_string_buffer(LONGEST_NAME)
    if driver.cuDeviceGet(byref(device), 0) or driver.cuDeviceGetName(
        name, c_int(LONGEST_NAME), device
    ):
        raise BackendError("the NVIDIA driver finds no GPU", "one GPU", "run nvidia-smi")
    return name.value.decode("utf-8", "replace")

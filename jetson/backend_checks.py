"""The doctor's questions about backends: which are here, whether one of them can run a model, and what is missing.

Knows versions that the shipped model files need (measured: docs/model-file.md) and what each board came with.
"""

from typing import List, Optional

from catseye.jetson.check import Check, imported, judged, numbers
from catseye.jetson.complaints import mend_of
from catseye.jetson.jetpack import Board

OLDEST_ONNXRUNTIME = (1, 10)
OLDEST_OPENCV_DNN = (4, 5, 4)  # older ones refuse the shipped graphs; they still capture and draw
INSTALL_TENSORRT = "sudo apt install python3-libnvinfer"


def backend_checks(board: Optional[Board]) -> List[Check]:
    """One check a backend, and one that at least one of them can run a model."""
    from catseye.runtime.engines import available_backends
    versions = available_backends()
    driver = driver_complaint()
    usable = [name for name, good in (
        ("tensorrt", bool(versions["tensorrt"]) and not driver),
        ("onnxruntime", numbers(versions["onnxruntime"]) >= OLDEST_ONNXRUNTIME),
        ("opencv", numbers(versions["opencv"]) >= OLDEST_OPENCV_DNN)) if good]
    return [
        tensorrt_check(versions["tensorrt"], driver, board),
        onnxruntime_check(versions["onnxruntime"], board, usable),
        opencv_dnn_check(versions["opencv"], usable),
        judged("backend", bool(usable), ", ".join(usable) or "none that runs a model", "one of them",
               INSTALL_TENSORRT if board else "pip install onnxruntime", otherwise="fail"),
    ]


def driver_complaint() -> str:
    """"" where the NVIDIA driver and the CUDA runtime work, else what is wrong with them."""
    from catseye.runtime.engines.cuda_driver import require_driver
    from catseye.runtime.engines.cudart import load_cudart
    from catseye.runtime.errors import CatseyeError
    try:
        require_driver()
        load_cudart()
    except CatseyeError as error:
        return str(error)
    return ""


def tensorrt_check(version: str, driver: str, board: Optional[Board]) -> Check:
    """Expected where there is an NVIDIA GPU; on a board, the version that its JetPack came with."""
    if not version:
        found = why_missing("tensorrt")
        mend = mend_of(found, INSTALL_TENSORRT if board else "pip install tensorrt")
        return judged("tensorrt", board is None and bool(driver), found, "it, for the GPU that is here", mend)
    if driver:
        return Check("tensorrt", "warn", "%s, but %s" % (version, driver), "a working NVIDIA driver", "run nvidia-smi")
    if board is None or board.jetpack is None:
        return Check("tensorrt", "ok", version)
    wanted = board.jetpack.tensorrt
    return judged("tensorrt", numbers(version)[:2] == numbers(wanted), version, "%s, JetPack's own" % wanted,
                  "if it was upgraded on purpose: build the engines again")


def why_missing(package: str) -> str:
    """"not here", or why what is here cannot be imported."""
    reason = imported(package)[1]
    return "not here" if "No module named '%s'" % package in reason else reason


def onnxruntime_check(version: str, board: Optional[Board], usable: List[str]) -> Check:
    """The workstation's backend; a board does without it."""
    if not version:
        good = board is not None and "tensorrt" in usable
        return judged("onnxruntime", good, "not here", "1.10 or later", "pip install onnxruntime")
    import onnxruntime
    providers = ", ".join(onnxruntime.get_available_providers())
    return judged("onnxruntime", "onnxruntime" in usable, "%s (%s)" % (version, providers), "1.10 or later",
                  "pip install --upgrade onnxruntime")


def opencv_dnn_check(version: str, usable: List[str]) -> Check:
    """OpenCV as a backend: a no matters only where there is no other."""
    found = "%s%s" % (version or "not here", "" if "opencv" in usable else ", does not run the shipped models")
    return judged("opencv-dnn", bool(usable), found, "4.5.4 or later", "use another backend")

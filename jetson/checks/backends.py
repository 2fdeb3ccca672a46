"""The doctor's questions about backends: which are here, whether one of them can run a model, and
what is missing.

Knows versions that the shipped model files need (measured: docs/model-file.md) and what each board
came with.
"""

from typing import List, Optional

from catseye.jetson.checks.check import Check, check_of, imported, numbers
from catseye.jetson.checks.complaints import fix_of
from catseye.jetson.jetpack import Board
from catseye.runtime.model_file.installing import to_install

OLDEST_ONNXRUNTIME = (1, 10)
OLDEST_OPENCV_DNN = (4, 5, 4)  # older ones refuse the shipped graphs; they still capture and draw
OLDEST_OPENCV_FP16 = (4, 7)
INSTALL_TENSORRT = "sudo apt install python3-libnvinfer"


def backend_checks(board: Optional[Board]) -> List[Check]:
    """One check a backend, and one that at least one of them can run a model."""
    from catseye.runtime.engines import available_backends

    versions = available_backends()
    driver = driver_complaint()
    usable = [
        name
        for name, good in (
            ("tensorrt", bool(versions["tensorrt"]) and not driver),
            ("onnxruntime", numbers(versions["onnxruntime"]) >= OLDEST_ONNXRUNTIME),
            ("opencv", numbers(versions["opencv"]) >= OLDEST_OPENCV_DNN),
        )
        if good
    ]
    return [
        tensorrt_check(versions["tensorrt"], driver, board),
        onnxruntime_check(versions["onnxruntime"], board, usable),
        *gpu_provider_checks(versions["onnxruntime"], board, driver),
        opencv_dnn_check(versions["opencv"], usable),
        check_of(
            "backend",
            bool(usable),
            ", ".join(usable) or "none that runs a model",
            "one of them",
            INSTALL_TENSORRT if board else to_install("onnxruntime"),
            otherwise="fail",
        ),
    ]


def driver_complaint() -> str:
    """ "" where the NVIDIA driver and the CUDA runtime work, else what is wrong with them."""
    from catseye.runtime.engines.cuda.cudart import load_cudart
    from catseye.runtime.engines.cuda.driver import require_driver
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
        fix = fix_of(found, INSTALL_TENSORRT if board else to_install("tensorrt"))
        return check_of(
            "tensorrt", board is None and bool(driver), found, "it, for the GPU that is here", fix
        )
    if driver:
        return Check(
            "tensorrt",
            "warn",
            "%s, but %s" % (version, driver),
            "a working NVIDIA driver",
            "run nvidia-smi",
        )
    if board is None or board.jetpack is None:
        return Check("tensorrt", "ok", version)
    wanted = board.jetpack.tensorrt
    return check_of(
        "tensorrt",
        numbers(version)[:2] == numbers(wanted),
        version,
        "%s, JetPack's own" % wanted,
        "if it was upgraded on purpose: build the engines again",
    )


def why_missing(package: str) -> str:
    """ "not here", or why what is here cannot be imported."""
    reason = imported(package)[1]
    return "not here" if "No module named '%s'" % package in reason else reason


def onnxruntime_check(version: str, board: Optional[Board], usable: List[str]) -> Check:
    """The workstation's backend; a board does without it."""
    if not version:
        good = board is not None and "tensorrt" in usable
        fix = to_install("onnxruntime", on_board=board is not None)
        return check_of("onnxruntime", good, "not here", "1.10 or later", fix)
    import onnxruntime

    providers = ", ".join(onnxruntime.get_available_providers())
    return check_of(
        "onnxruntime",
        "onnxruntime" in usable,
        "%s (%s)" % (version, providers),
        "1.10 or later",
        to_install("--upgrade onnxruntime", on_board=board is not None),
    )


def gpu_provider_checks(version: str, board: Optional[Board], driver: str) -> List[Check]:
    """Whether onnxruntime really computes on the GPU that is here: it falls back to the CPU without
    an error."""
    if not version or driver:
        return []
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        return [
            check_of(
                "onnxruntime-gpu",
                board is not None,
                "no CUDA provider: onnxruntime computes on the CPU",
                "CUDAExecutionProvider, for the GPU that is here",
                to_install("onnxruntime-gpu") + ", in place of onnxruntime",
            )
        ]
    complaint = cuda_complaint()
    return [
        check_of(
            "onnxruntime-gpu",
            not complaint,
            complaint or "CUDA provider starts",
            "a provider that starts",
            "install the CUDA and cuDNN of this onnxruntime-gpu",
        )
    ]


def cuda_complaint() -> str:
    """ "" where a model opens on onnxruntime's CUDA provider, else what is said."""
    from catseye.runtime.engines import open_engine
    from catseye.runtime.errors import CatseyeError
    from catseye.runtime.model_file.load import load_model
    from catseye.runtime.model_file.packed import archive_path

    try:
        model = load_model("" if archive_path() else "digits")
        with open_engine(model, "onnxruntime", "cuda"):
            return ""
    except CatseyeError as error:
        return str(error)


def opencv_dnn_check(version: str, usable: List[str]) -> Check:
    """OpenCV as a backend: a no matters only where there is no other."""
    found = version or "not here"
    if "opencv" not in usable:
        found += ", does not run the shipped models"
    else:
        half = " and fp16" if numbers(version) >= OLDEST_OPENCV_FP16 else ", no fp16"
        found += ", runs fp32%s, no int8" % half
    return check_of("opencv-dnn", bool(usable), found, "4.5.4 or later", "use another backend")

"""Draws the attribute list of a TensorRT release, the truth to which the fakes are held:
bindings/VERSION.json.

    pip download --no-deps tensorrt-cu12-bindings==10.3.0
    python3.11 tests/runtime/engines/list_bindings.py 10.3.0 tensorrt_cu12_bindings-10.3.0-*.whl

From 8.6 on NVIDIA publishes binding wheels. They hold pybind11's module only, and the libraries
behind it want a driver; empty stand-ins for these, made here with a C compiler, let the module be
imported, which is enough to ask it for every method and enum. Nothing of it is ever called. The
Python must be the one that the wheel is for.

Older releases came with JetPack only, but the bindings' source is public
(github.com/NVIDIA/TensorRT): give the folder python/src of the release's tag in place of a wheel,
and the names that it registers are read out of it.
"""

import ctypes
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from typing import Any

CLASSES = (
    "Builder",
    "IBuilderConfig",
    "ICudaEngine",
    "IExecutionContext",
    "IHostMemory",
    "ILayer",
    "ILogger",
    "INetworkDefinition",
    "IProgressMonitor",
    "ITensor",
    "ITimingCache",
    "OnnxParser",
    "ParserError",
    "Runtime",
)
ENUMS = (
    "BuilderFlag",
    "DataType",
    "DeviceType",
    "MemoryPoolType",
    "NetworkDefinitionCreationFlag",
    "TensorIOMode",
)
# everything else that the module leaves open is Python's, the C++ library's or the system's
STAND_INS = (
    "createInfer",
    "createNvOnnx",
    "getBuilderPluginRegistry",
    "getPluginRegistry",
    "getNvOnnxParserVersion",
    "initLibNvInferPlugins",
    "_ZN11nvuffparser",
    "_ZN14nvcaffeparser",
)
REGISTRATION = re.compile(r"py::(?:class_|enum_)<")
NESTED = re.compile(r"py::enum_<(\w+)::(\w+)>\(")
NAME = re.compile(r'[({]\s*m\s*,\s*"(\w+)"')
MEMBER = re.compile(r'\.(?:def\w*|value)\(\s*"(\w+)"')

Lists = dict[str, list[str]]


def imported(wheel: Path) -> Any:
    """The module in a binding wheel, on libraries that do nothing."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(wheel) as archive:
            module = Path(archive.extract("tensorrt_bindings/tensorrt.so", folder))
        load_stand_ins(module, folder)
        loader = ExtensionFileLoader("tensorrt", str(module))
        trt: Any = module_from_spec(spec_from_loader("tensorrt", loader))  # type: ignore[arg-type]
        loader.exec_module(trt)
    trt.__version__ = wheel.name.split("-")[1]
    return trt


def lists_of_wheel(wheel: Path) -> Lists:
    """{class or enum: its public attributes} of a binding wheel."""
    trt = imported(wheel)
    found = {name: attributes(getattr(trt, name)) for name in CLASSES if hasattr(trt, name)}
    return {
        **found,
        **{name: sorted(getattr(trt, name).__members__) for name in ENUMS if hasattr(trt, name)},
    }


def load_stand_ins(module: Path, folder: Path) -> None:
    """Load libraries that have every function which `module` asks of NVIDIA's, under the names it
    asks for."""
    symbols = [
        line.split()[-1]
        for line in output_of("nm", "-D", "--undefined-only", str(module)).splitlines()
    ]
    source = folder / "stand_ins.c"
    source.write_text(
        "".join(
            f"void *{name}(void) {{ return 0; }}\n"
            for name in symbols
            if name.startswith(STAND_INS)
        )
    )
    for soname in re.findall(r"\(NEEDED\).*\[(libnv.*)\]", output_of("readelf", "-d", str(module))):
        output_of("cc", "-shared", "-o", str(folder / soname), f"-Wl,-soname,{soname}", str(source))
        ctypes.CDLL(str(folder / soname), ctypes.RTLD_GLOBAL)


def attributes(kind: Any) -> list[str]:
    return sorted(name for name in dir(kind) if not name.startswith("_"))


def lists_of_sources(folder: Path) -> Lists:
    """The same, from the C++ of the bindings."""
    text = "\n".join(path.read_text() for path in sorted(folder.rglob("*.cpp")))
    found: Lists = {}
    for registration in REGISTRATION.split(text)[1:]:  # each up to the next one
        name = NAME.search(registration)
        if name:
            found[name.group(1)] = sorted(
                {m for m in MEMBER.findall(registration) if not m.startswith("_")}
            )
    for outer, inner in NESTED.findall(text):  # ILogger.Severity
        found.setdefault(outer, []).append(inner)
    return {name: sorted(found[name]) for name in CLASSES + ENUMS if name in found}


def output_of(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    version, origin = sys.argv[1], Path(sys.argv[2])
    lists = lists_of_sources(origin) if origin.is_dir() else lists_of_wheel(origin)
    target = Path(__file__).parent / "bindings" / (version + ".json")
    lines = [
        f" {json.dumps(name)}: {json.dumps(members)}" for name, members in sorted(lists.items())
    ]
    target.write_text("{\n" + ",\n".join(lines) + "\n}\n")

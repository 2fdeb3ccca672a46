"""ONNX -> TensorRT plan, on the machine that will run it: a plan only loads on the GPU and release that built it.

Knows the builder's API from 8.2 to 11, told apart by hasattr. Does not know where plans are kept.
"""
from typing import Any

from catseye.runtime.engines.tensorrt import import_tensorrt, make_log, started
from catseye.runtime.errors import CatseyeError

MEGABYTE = 1 << 20


def build_plan(onnx: bytes, workspace_mb: int = 256, fp16: bool = False) -> bytes:
    """The plan of a model file with static shapes; takes minutes on a board.

    workspace_mb: scratch memory that a layer may ask for.  fp16: let TensorRT choose half precision where it is faster.
    Raises CatseyeError without TensorRT or driver, where the model does not parse, and for fp16 on TensorRT 11.
    """
    trt = import_tensorrt()
    log = make_log(trt)
    builder = started(trt.Builder, log)
    config = configure(trt, builder, workspace_mb, fp16)
    network = builder.create_network(network_flags(trt))
    parser = trt.OnnxParser(network, log)
    if not parser.parse(onnx):
        raise CatseyeError("TensorRT cannot read the model (%s)" % parser_errors(parser),
                           "layers that TensorRT %s has" % trt.__version__, "export with --target for this JetPack")
    plan = builder.build_serialized_network(network, config)
    if plan is None:
        raise CatseyeError("TensorRT cannot build the model (%s)" % log.last(),
                           mend="give it less or more --workspace, and close other programs")
    return bytes(plan)


def configure(trt: Any, builder: Any, workspace_mb: int, fp16: bool) -> Any:
    """A builder configuration with the workspace and the precision asked for."""
    config = builder.create_builder_config()
    if hasattr(config, "set_memory_pool_limit"):  # from 8.4 on
        config.set_memory_pool_limit(trt.MemoryPoolType.WORKSPACE, workspace_mb * MEGABYTE)
    else:
        config.max_workspace_size = workspace_mb * MEGABYTE
    if fp16:
        config.set_flag(fp16_flag(trt))
    return config


def fp16_flag(trt: Any) -> Any:
    """BuilderFlag.FP16; TensorRT 11 has none: there the precision is the model file's."""
    if not hasattr(trt.BuilderFlag, "FP16"):
        raise CatseyeError("TensorRT %s takes no precision flags" % trt.__version__, "half precision in the model file",
                           "export it with --precision fp16, and build without")
    return trt.BuilderFlag.FP16


def network_flags(trt: Any) -> int:
    """Explicit batch: demanded by the ONNX parser before 10, ignored in 10, gone in 11."""
    flag = getattr(trt.NetworkDefinitionCreationFlag, "EXPLICIT_BATCH", None)
    return 0 if flag is None else 1 << int(flag)


def parser_errors(parser: Any) -> str:
    """Everything the parser has to say, in one line."""
    return "; ".join(parser.get_error(index).desc() for index in range(parser.num_errors)) or "no reason given"

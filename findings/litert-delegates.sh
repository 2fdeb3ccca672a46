#!/bin/sh
# TFLite files of one node, run by LiteRT as it comes, by its XNNPACK kernels, and by its own: a zero, an infinity, a NaN.
#
# ai-edge-litert 2.3.0, x86-64. Which kernels a node gets is not in the file: XNNPACK takes it where it can, and leaves it where
# a delegate was not built in or was switched off. Expected: the same numbers. Seen: XNNPACK gives 1 / sqrt(0) as NaN, where it is
# infinity; log of infinity is 88 and of NaN 89, exp of NaN is 0, and MAX_POOL gives -inf for a window of NaN and -1. The own
# kernels keep those, but know no infinity of a sum or a division, which stop at the largest float, and quantise what is
# too large, from 2 ** 31 steps on, to the lowest number that there is: -128.
#   RSQRT of 0, 4: XNNPACK [nan, 0.5], own [inf, 0.5]
#   LOG of inf, nan: XNNPACK [88.38, 88.78], own [inf, nan]
#   EXP of nan, 0: XNNPACK [0.0, 1.0], own [nan, 1.0]
#   MAX_POOL_2D of nan, -1: XNNPACK [-inf], own [-1.0]
#   DIV of 1, -1 by 0: XNNPACK [inf, -inf], own [3.403e+38, -3.403e+38]
#   QUANTIZE to int8, scale 1, of 100, 2e9, 3e9, inf: XNNPACK [100, 127, 127, 127], own [100, 127, -128, -128]
#   ADD of 1, inf and 2, -1: XNNPACK [3.0, inf], own [3.0, 3.403e+38]
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check numpy==2.4.6 flatbuffers==25.12.19 ai-edge-litert==2.3.0
"$folder/venv/bin/python" - <<'END'
import math

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter, OpResolverType

RESOLVERS = OpResolverType.AUTO, OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES
KINDS = {"float32": schema.TensorType.FLOAT32, "int8": schema.TensorType.INT8}


def tensor(name, shape, kind):
    made = schema.TensorT()
    made.name, made.shape, made.type, made.buffer = name, shape, KINDS[kind], 0
    if kind == "int8":
        made.quantization = schema.QuantizationParametersT()
        made.quantization.scale, made.quantization.zeroPoint = [1.0], [0]
    return made


def file(operator, shapes, answer, kind, options, place):
    """A TFLite file of one node that takes float tensors of these shapes and gives one of shape `answer`"""
    graph, node, code, model = schema.SubGraphT(), schema.OperatorT(), schema.OperatorCodeT(), schema.ModelT()
    graph.tensors = [tensor("x%d" % i, shape, "float32") for i, shape in enumerate(shapes)] + [tensor("y", answer, kind)]
    graph.inputs, graph.outputs, graph.operators = list(range(len(shapes))), [len(shapes)], [node]
    node.opcodeIndex, node.inputs, node.outputs = 0, graph.inputs, graph.outputs
    node.builtinOptions, node.builtinOptionsType = options, place
    code.builtinCode = code.deprecatedBuiltinCode = getattr(schema.BuiltinOperator, operator)
    code.version = 1
    model.version, model.operatorCodes, model.subgraphs, model.buffers = 3, [code], [graph], [schema.BufferT()]
    builder = flatbuffers.Builder()
    builder.Finish(model.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def answers(operator, *inputs, kind="float32", fewer=0, options=None, place=0):
    """What XNNPACK and the own kernels make of these rows of numbers"""
    inputs = [np.array(row, np.float32).reshape(1, 1, -1, 1) for row in inputs]
    shapes = [list(each.shape) for each in inputs]
    answer = [1, 1, shapes[0][2] - fewer, 1]
    content, found = file(operator, shapes, answer, kind, options, place), []
    for resolver in RESOLVERS:
        run = Interpreter(model_content=content, experimental_op_resolver_type=resolver, num_threads=1)
        run.allocate_tensors()
        for where, each in zip(run.get_input_details(), inputs):
            run.set_tensor(where["index"], each)
        run.invoke()
        row = run.get_tensor(run.get_output_details()[0]["index"]).ravel().tolist()
        found.append([float("%.4g" % each) if kind == "float32" else each for each in row])
    return found


def pool():
    made = schema.Pool2DOptionsT()
    made.padding, made.strideW, made.strideH, made.filterWidth, made.filterHeight = schema.Padding.VALID, 1, 1, 2, 1
    return made


inf, nan, places = math.inf, math.nan, schema.BuiltinOptions
found = {
    "RSQRT of 0, 4": answers("RSQRT", [0, 4]),
    "LOG of inf, nan": answers("LOG", [inf, nan]),
    "EXP of nan, 0": answers("EXP", [nan, 0]),
    "MAX_POOL_2D of nan, -1": answers("MAX_POOL_2D", [nan, -1], fewer=1, options=pool(), place=places.Pool2DOptions),
    "DIV of 1, -1 by 0": answers("DIV", [1, -1], [0, 0], options=schema.DivOptionsT(), place=places.DivOptions),
    "QUANTIZE to int8, scale 1, of 100, 2e9, 3e9, inf": answers(
        "QUANTIZE", [100, 2e9, 3e9, inf], kind="int8", options=schema.QuantizeOptionsT(), place=places.QuantizeOptions
    ),
    "ADD of 1, inf and 2, -1": answers("ADD", [1, inf], [2, -1], options=schema.AddOptionsT(), place=places.AddOptions),
}
for what, (first, second) in found.items():
    print("%s: XNNPACK %s, own %s" % (what, first, second))
seen = [
    [[nan, 0.5], [inf, 0.5]],
    [[88.38, 88.78], [inf, nan]],
    [[0.0, 1.0], [nan, 1.0]],
    [[-inf], [-1.0]],
    [[inf, -inf], [3.403e38, -3.403e38]],
    [[100, 127, 127, 127], [100, 127, -128, -128]],
    [[3.0, inf], [3.0, 3.403e38]],
]
raise SystemExit(0 if repr(list(found.values())) == repr(seen) else 1)
END

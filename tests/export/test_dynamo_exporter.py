"""torch's newer exporter, for the day when `dynamo=False` is gone: it writes opset 18 or later,
which JetPack 7 reads; the same graph lowered is for JetPack 4 to 6. Both answer as what is
published today, and pass the gate that published files pass."""

import functools
import warnings

import numpy as np
import onnx
import onnxslim
import pytest
import torch
from house import ROOT

from catseye.export.drafting import agreeing_file, draft_from_checkpoint
from catseye.export.graphs import graph_from_checkpoint
from catseye.export.precision.onnx_graph import answers, opset_of
from catseye.export.targets.boards import BOARDS, objections, with_wide_border
from catseye.export.targets.lowering import lowered
from catseye.models.checkpoint import load_checkpoint

pytest.importorskip("onnxscript", reason="pip install onnxscript: torch's newer exporter wants it")

OPSET = 18  # the lowest that it writes
ONE_OF_EACH_TASK = ("road-nano", "digits", "sparse-denoise", "autoencoder", "gan")


@functools.lru_cache(maxsize=None)
def by_both(name):
    """A shipped checkpoint's draft as it is published, and its graph by the newer exporter."""
    checkpoint = load_checkpoint(ROOT / "models" / "zoo" / name)
    graph = graph_from_checkpoint(checkpoint, None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            graph,
            graph.example_inputs(),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            input_names=list(graph.input_names),
            output_names=list(graph.output_names),
        )
    return draft_from_checkpoint(checkpoint, name), onnxslim.slim(program.model_proto)


@pytest.mark.parametrize("opset", (OPSET, 17, 11))
@pytest.mark.parametrize("name", ONE_OF_EACH_TASK)
def test_it_passes_the_gate_and_answers_as_what_is_published(name, opset):
    draft, newer = by_both(name)
    model = newer if opset == OPSET else lowered(newer, opset)
    onnx.checker.check_model(model, full_check=True)
    assert opset_of(model) == opset
    agreeing_file(draft._replace(model=_copy(model)))  # raises ParityError where it does not
    cases = [case.inputs for case in draft.golden]
    for want, got in zip(answers(draft.model, cases), answers(model, cases)):
        for output, array in want.items():
            if array.dtype == np.uint8:
                levels = np.abs(array.astype(int) - got[output])
                assert levels.max() <= (1 if output == "confidence" else 0), output
            else:
                np.testing.assert_allclose(got[output], array, atol=1e-6)


@pytest.mark.parametrize("target, opset", [("jp7", OPSET), ("jp6", 17), ("jp5", 11), ("jp4", 11)])
@pytest.mark.parametrize("name", ONE_OF_EACH_TASK)
def test_every_jetpack_reads_its_own_opset_of_it(name, target, opset):
    _, newer = by_both(name)
    model = newer if opset == OPSET else lowered(newer, opset)
    if not BOARDS[target].takes_bytes:
        model = with_wide_border(model)
    assert objections(model, target) == []


def _copy(model):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    return copy

"""An engine on disk: what was written is read back, typed; anything else is one line that names the
field."""

import json
import math
from pathlib import Path
from typing import Any, Callable

import pytest
from brightest_model import brightest_model

from catseye.runtime.engines.tensorrt.dla import Fallback
from catseye.runtime.engines.tensorrt.engine_file import (
    EngineFile,
    check_passed,
    read_engine,
    read_key,
    side_file,
    write_engine,
)
from catseye.runtime.engines.tensorrt.engine_key import EngineKey
from catseye.runtime.errors import ModelFileError
from catseye.runtime.model_file.golden import Difference
from catseye.runtime.system.files import sha256_hex

KEY = EngineKey("ab" * 32, "10.3.0", "12.6", "8.7", "Orin", "fp16", 1, "FP16", "frame uint8", 1)
GATE = (Difference("mask", 1.0, 0.25, 0.999, True),)


def engine(**changes: Any) -> EngineFile:
    model = brightest_model()
    file = EngineFile(
        name="tiny",
        plan=b"plan",
        plan_sha256=sha256_hex(b"plan"),
        key=KEY,
        card=model.card._replace(precision="fp16"),
        golden=model.golden,
        differences=GATE,
        seconds=12.5,
        fallbacks=(Fallback("argmax", "TOPK", "no such layer"),),
    )
    return file._replace(**changes)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "tiny.engine")


def rewritten(path: str, edit: Callable[[Any], None]) -> None:
    """Change the description as somebody would who knows how its hash is made."""
    side = Path(side_file(path))
    document = json.loads(side.read_text())["engine"]
    edit(document)
    text = json.dumps(document, sort_keys=True)
    side.write_text('{"sha256": "%s",\n"engine": %s}\n' % (sha256_hex(text.encode()), text))


def test_written_and_read_back(path: str) -> None:
    written = engine()
    write_engine(path, written)
    found = read_engine(path)
    assert found._replace(golden=()) == written._replace(golden=())
    for case, other in zip(found.golden, written.golden):
        assert (case.inputs["frame"] == other.inputs["frame"]).all()
        assert (case.outputs["mask"] == other.outputs["mask"]).all()
    assert len(found.golden) == len(written.golden)
    assert found.passed and found.dla_core == 1 and read_key(path) == KEY
    check_passed(found, path)


@pytest.mark.parametrize("wrong", [math.inf, math.nan])
def test_an_engine_that_answered_beyond_all_numbers_is_kept_as_a_failure(
    path: str, wrong: float
) -> None:
    write_engine(path, engine(differences=(Difference("mask", wrong, wrong, 0.0, False),)))
    found = read_engine(path)
    assert found.differences == (Difference("mask", math.inf, math.inf, 0.0, False),)
    assert not found.passed
    with pytest.raises(ModelFileError, match="failed its golden frames when it was built"):
        check_passed(found, path)


def of_format_1(document: Any) -> None:
    document["format"] = 1


def without_a_plan(document: Any) -> None:
    del document["plan_sha256"]


def with_a_gate_of_bare_lists(document: Any) -> None:
    document["gate"] = [["mask", 0.0, 0.0, 1.0, True]]


def with_a_share_above_one(document: Any) -> None:
    document["gate"][0]["agreement"] = 1.5


def passed_in_words(document: Any) -> None:
    document["gate"][0]["ok"] = "yes"


def of_a_task_that_nobody_knows(document: Any) -> None:
    document["card"]["task"] = "chess"
    del document["card"]["graph_sha256"]


def with_another_output(document: Any) -> None:
    document["card"]["outputs"][0]["shape"] = [1, 1, 1]


def with_a_board_of_nothing(document: Any) -> None:
    document["key"]["board"] = None


def with_golden_frames_of_another(document: Any) -> None:
    document["golden"] = "UEs="


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (of_format_1, "engine.format of %s is 1; expected 2"),
        (without_a_plan, "engine of %s has no 'plan_sha256'"),
        (with_a_gate_of_bare_lists, "engine.gate[0] of %s is"),
        (with_a_share_above_one, "engine.gate[0].agreement of %s is 1.5"),
        (passed_in_words, 'engine.gate[0].ok of %s is "yes"'),
        (of_a_task_that_nobody_knows, "card.task of tiny is 'chess'"),
        (with_another_output, "card.outputs: 'mask' of tiny is uint8 [1, 1, 1]"),
        (with_a_board_of_nothing, "engine.key.board of %s is null"),
        (with_golden_frames_of_another, "damaged golden frames in tiny"),
    ],
)
def test_what_is_no_engine_is_one_line_that_names_the_field(
    path: str, edit: Callable[[Any], None], said: str
) -> None:
    write_engine(path, engine())
    rewritten(path, edit)
    with pytest.raises(ModelFileError) as error:
        read_engine(path)
    assert said.replace("%s", side_file(path)) in str(error.value)
    assert "\n" not in str(error.value)


def test_another_plan_under_the_description_is_damage(path: str) -> None:
    write_engine(path, engine())
    Path(path).write_bytes(b"PLAN")
    with pytest.raises(ModelFileError, match="its plan of 4 bytes has another SHA-256"):
        read_engine(path)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"engine": {}}', "[" * 10000])
def test_a_description_of_anything_else_is_one_line(path: str, text: str) -> None:
    write_engine(path, engine())
    Path(side_file(path)).write_text(text)
    for read in (read_engine, read_key):
        with pytest.raises(ModelFileError) as error:
            read(path)
        assert "build it again" in str(error.value) and "\n" not in str(error.value)


def test_a_lone_plan_is_told_of(path: str) -> None:
    Path(path).write_bytes(b"plan")
    with pytest.raises(ModelFileError, match="without tiny.engine.json; expected both files"):
        read_engine(path)

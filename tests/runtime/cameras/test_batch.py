"""Two frames in one call: the same answers as in turns, or a refusal."""

import time

import pytest
from camera_loop import BrightnessTask, FakeEngine, ListSink, frame_of

from catseye.runtime.cameras.batch import Batch, open_batch
from catseye.runtime.cameras.feed import Feed
from catseye.runtime.engines import open_engine
from catseye.runtime.errors import BackendError
from catseye.runtime.model_file.load import load_model
from catseye.runtime.pipeline import Pipeline
from catseye.runtime.sources.base import Source


class Film(Source):
    keeps_time = True

    def __init__(self, *values):
        self.values = values

    def __iter__(self):
        for index, value in enumerate(self.values):
            yield frame_of(value, index)


@pytest.fixture(scope="module")
def road():
    return load_model("road-nano")


@pytest.mark.parametrize("backend", ("onnxruntime", "opencv"))
def test_both_frames_get_the_answers_of_two_calls(road, backend):
    with open_engine(road, backend, threads=1) as engine, open_batch(road, engine) as batch:
        one, other = road.golden[0].inputs, road.golden[-1].inputs
        for inputs, answers in zip((one, other), batch.infer(one, other)):
            for name, wanted in engine.infer(inputs).items():
                assert answers[name].dtype == wanted.dtype
                assert (answers[name] == wanted).mean() > 0.999


def test_a_graph_whose_nodes_count_on_one_frame_is_refused():
    digits = load_model("digits")
    with open_engine(digits, "onnxruntime", threads=1) as engine:
        with pytest.raises(BackendError, match="does not take two frames .*leave --batch out"):
            open_batch(digits, engine)


def test_other_answers_than_one_by_one_are_refused(road):
    turned = [
        case._replace(outputs={name: array[:, ::-1] for name, array in case.outputs.items()})
        for case in road.golden
    ]
    with open_engine(road, "onnxruntime", threads=1) as engine:
        with pytest.raises(BackendError, match="other answers than one by one"):
            open_batch(road._replace(golden=tuple(turned)), engine)


def test_a_run_in_batches_gives_what_a_run_in_turns_gives():
    calls = []

    class Counting(FakeEngine):
        def infer(self, arrays):
            time.sleep(0.02)  # meanwhile frames of both are decoded
            calls.append(len(arrays["frame"]))
            return super().infer(arrays)

    engine, films = Counting(), {"a": (200, 20, 200), "b": (20, 20, 200, 200, 20)}
    told = []
    for batch in (None, Batch(engine)):
        sink = ListSink()
        feeds = [Feed(Film(*values), BrightnessTask(), name) for name, values in films.items()]
        statistics = Pipeline(feeds, engine, [sink], batch=batch).run()
        rows = [(row[0].camera, row[0].index, int(row[1].mask.max())) for row in sink.rows]
        told.append(sorted(rows))
        assert statistics.frames == 8 and statistics.stages_ms["infer"]["p50"] > 0
    assert told[0] == told[1] and set(calls) == {1, 2}
    assert Pipeline(feeds, engine, [], batch=Batch(engine), frames=3).run().frames == 3

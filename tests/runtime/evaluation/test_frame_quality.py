import numpy as np

from catseye.runtime.datasets.road import road_samples
from catseye.runtime.evaluation.frame_quality import FAULTS, STRENGTHS, report_on, sheet_of
from catseye.runtime.health.frame_quality import KINDS


def frames_of(data, split, every):
    return [sample.read()[0] for sample in road_samples(data, split)[::every]]


def test_faults_over_streets_are_told_from_streets():
    frames = frames_of("demo", "val", 7)
    report = report_on(frames)
    assert report.frames == len(frames) == 3
    assert set(report.kinds) == set(KINDS) == {*FAULTS, "frozen"}
    for strengths in report.kinds.values():
        assert list(strengths) == list(STRENGTHS)
        assert strengths["strong"].auc > 0.9
        assert strengths["strong"].named >= strengths["slight"].named
    assert report.as_json()["kinds"]["dark"]["mild"] == report.kinds["dark"]["mild"]._asdict()
    assert report_on(frames) == report  # the faults are seeded


def test_camvid_val(data_dir):
    report = report_on(frames_of(str(data_dir), "val", 5))
    assert report.false_alarms <= 0.05
    for kind, strengths in report.kinds.items():
        assert strengths["mild"].auc > 0.97 and strengths["strong"].named > 0.8, kind


def test_the_sheet_holds_every_fault():
    frame = np.random.RandomState(0).randint(0, 255, (60, 80, 3)).astype(np.uint8)
    height, width, _ = frame.shape
    sheet = sheet_of(frame)
    assert (
        sheet.shape == (height * (1 + len(FAULTS)), width * len(STRENGTHS), 3)
        and sheet.dtype == np.uint8
    )

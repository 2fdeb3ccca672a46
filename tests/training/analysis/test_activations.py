import json

import cv2

from catseye.__main__ import main


def test_every_derivative_is_autograds_and_is_drawn(capsys, tmp_path):
    picture = tmp_path / "activations.png"
    assert main(["analyze", "activations", "--json", "--figure", str(picture)]) == 0
    captured = capsys.readouterr()
    answer = json.loads(captured.out)
    assert len(answer) == 9 and all(row["error"] < 1e-14 for row in answer.values())
    assert (answer["ReLU"]["lowest"], answer["ReLU"]["highest"]) == (0, 1)
    assert 0.2499 < answer["sigmoid"]["highest"] <= 0.25 and 0.999 < answer["tanh"]["highest"] <= 1
    assert answer["unit step"]["highest"] == 0 and answer["softmax"]["lowest"] < 0
    assert cv2.imread(str(picture)) is not None and "softplus" in captured.err

from catseye.export.targets.parser_table import HIGHEST_OPSET, RELEASES, types_by_operator


def test_some_lines_of_operators_md_by_hand():
    tables = [types_by_operator(release) for release in RELEASES]
    assert "GridSample" not in tables[0] and "GridSample" in tables[1]
    assert "i" not in tables[0]["ArgMax"] and "i" in tables[2]["ArgMax"]
    assert "u" in tables[3]["Cast"] and tables[0]["DequantizeLinear"] == "q"


def test_no_release_loses_an_operator_of_the_one_before():
    tables = [types_by_operator(release) for release in RELEASES]
    for earlier, later in zip(tables, tables[1:]):
        assert len(earlier) > 100 and set(earlier) - set(later) <= {"Scatter"}


def test_every_release_has_its_highest_opset():
    assert list(HIGHEST_OPSET) == list(RELEASES)
    assert list(HIGHEST_OPSET.values()) == sorted(HIGHEST_OPSET.values())


def test_what_the_notes_say_was_added():
    tables = {release: types_by_operator(release) for release in RELEASES}
    added = {
        later: set(tables[later]) - set(tables[earlier])
        for earlier, later in zip(RELEASES[3:], RELEASES[4:])
    }
    assert added == {
        "10.13": {"BlackmanWindow", "HammingWindow", "HannWindow", "STFT"},
        "10.15": {"Attention", "RMSNormalization", "RotaryEmbedding", "TensorScatter"},
        "11.0": {"Swish"},
    }
    assert all("ReduceL1" in table and "ReduceL2" in table for table in tables.values())

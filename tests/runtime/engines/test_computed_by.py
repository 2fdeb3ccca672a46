from camera_loop import about_of


def test_in_words():
    assert str(about_of().computed_by) == "tiny on fake, cpu (a chip, fp32)"


def test_json_has_the_digest_and_no_card():
    assert about_of().as_json() == {
        "model": "tiny",
        "backend": "fake",
        "provider": "cpu",
        "device": "a chip",
        "precision": "fp32",
        "threads": 2,
        "backend_version": "",
        "sha256": "ab",
    }

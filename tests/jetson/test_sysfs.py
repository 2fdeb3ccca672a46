import os

from catseye.jetson.sysfs import number_at, paths_like, text_at


def put(root, path, data):
    path = root / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_text_loses_zero_bytes_and_ends(tmp_path):
    put(tmp_path, "proc/model", b"NVIDIA Jetson\0")
    put(tmp_path, "compatible", b"nvidia,p3768\0nvidia,tegra234\0")
    put(tmp_path, "latin", b"caf\xe9\n")
    assert text_at(str(tmp_path), "proc/model") == "NVIDIA Jetson"
    assert text_at(str(tmp_path), "compatible") == "nvidia,p3768 nvidia,tegra234"
    assert text_at(str(tmp_path), "latin") == "caf\ufffd"


def test_what_cannot_be_read_is_empty(tmp_path):
    (tmp_path / "folder").mkdir()
    assert text_at(str(tmp_path), "nowhere") == text_at(str(tmp_path), "folder") == ""
    assert number_at(str(tmp_path), "nowhere") is None


def test_numbers(tmp_path):
    put(tmp_path, "temp", b"47031\n")
    put(tmp_path, "below", b"-5")
    put(tmp_path, "words", b"47 C")
    root = str(tmp_path)
    assert [number_at(root, name) for name in ("temp", "below", "words")] == [47031, -5, None]


def test_paths_are_sorted_and_below_the_root(tmp_path):
    root = tmp_path / "a[b]"  # a root's own letters are no pattern
    for zone in ("1", "0"):
        put(root, "sys/zone%s/temp" % zone, b"1")
    os.symlink("zone0", str(root / "sys" / "zone2"))
    assert paths_like(str(root), "sys/zone*/temp") == [
        "sys/zone0/temp",
        "sys/zone1/temp",
        "sys/zone2/temp",
    ]
    assert paths_like(str(root), "nowhere/*") == []

"""What goes over the bus, read back by cantools, and databases that are not ours."""

import pkgutil
import random

import pytest
from camera_loop import frame_of, report_for, result_for

from catseye.runtime.control.state import STATES, State
from catseye.runtime.control.watchdog import Newest, Statement
from catseye.runtime.errors import CatseyeError
from catseye.runtime.sinks.controller import dbc
from catseye.runtime.sinks.controller.dbc import Database, checksum

cantools = pytest.importorskip("cantools", reason="needs the extra `can`")
OURS = (pkgutil.get_data("catseye.runtime.sinks.controller", "catseye.dbc") or b"").decode()


def statement_of(found=None, state="ok", age_ms=41.0, raised=()):
    frame = frame_of()
    facts = report_for(frame, result_for(frame), alarms=raised).facts
    newest = None if found is None else Newest(frame, facts, lambda: found, "road")
    return Statement("", State(state), newest, age_ms, None)


def read_back(frames, text=OURS, scaling=True):
    database = cantools.database.load_string(text, "dbc")
    told = {}
    for frame in frames:
        message = database.get_message_by_frame_id(frame.identifier)
        told[message.name] = message.decode(frame.data, decode_choices=scaling, scaling=scaling)
    return told


NUMBERS = {"free_m": 12.34, "width_m": 3.21, "curvature_per_m": -0.0123, "steering_rad": 0.2504}


def test_numbers_go_over_within_their_steps():
    frames = Database(None).frames(statement_of(NUMBERS, raised=("b",)), 21, ["a", "b", "c"])
    road, alarms = read_back(frames).values()
    assert road["FreeDistance"] == pytest.approx(12.34, abs=0.05)
    assert road["Width"] == pytest.approx(3.21, abs=0.05)
    assert road["Curvature"] == pytest.approx(-0.0123, abs=0.00025)
    assert road["SteeringHint"] == pytest.approx(0.2504, abs=0.0005)
    assert (str(road["State"]), road["Age"], road["Counter"]) == ("ok", pytest.approx(41, abs=1), 5)
    assert (alarms["Alarms"], alarms["Counter"]) == (2, 5)
    assert [len(frame.data) for frame in frames] == [8, 4] and not frames[0].is_fd


@pytest.mark.parametrize("state", STATES)
def test_numbers_of_what_is_stale_or_blind_are_not_known(state):
    road = read_back(Database(None).frames(statement_of(NUMBERS, state), 0, []), scaling=False)
    known = road["CatseyeRoad"]["FreeDistance"] != 1023
    assert known is (state in ("ok", "unsure"))
    assert road["CatseyeRoad"]["State"] == STATES.index(state)
    if not known:
        values = [road["CatseyeRoad"][name] for name in ("Width", "Curvature", "SteeringHint")]
        assert values == [127, -1024, -1024]


def test_what_is_null_none_or_beyond_the_range():
    found = {"free_m": 1e12, "width_m": None, "curvature_per_m": float("nan"), "steering_rad": -9}
    road = read_back(Database(None).frames(statement_of(found, age_ms=1e7), 0, []), scaling=False)
    road = road["CatseyeRoad"]
    assert (road["FreeDistance"], road["Width"], road["Curvature"]) == (1022, 127, -1024)
    assert (road["SteeringHint"], road["Age"]) == (-1023, 1023)
    nothing = Database(None).frames(statement_of(None, "blind", None), 0, [])
    road = read_back(nothing, scaling=False)["CatseyeRoad"]
    assert (road["State"], road["Age"], road["FreeDistance"]) == (0, 1023, 1023)


def test_every_frame_has_its_checksum_and_a_flipped_bit_is_found():
    rng = random.Random(3)
    for sequence in range(200):
        found = {name: rng.uniform(-2, 50) for name in NUMBERS}
        frame = Database(None).frames(statement_of(found), sequence, [])[0]
        without = frame.data[:7] + b"\0"
        assert frame.data[7] == checksum(frame.identifier, without)
        bit = rng.randrange(56)
        flipped = bytearray(without)
        flipped[bit // 8] ^= 1 << bit % 8
        assert checksum(frame.identifier, bytes(flipped)) != frame.data[7]
        assert checksum(frame.identifier + 1, without) != frame.data[7]
    assert checksum(0x3231, b"3456789") == 0x4B  # the catalogue's check of CRC-8 SAE J1850


def test_a_database_of_the_cars_own(tmp_path):
    """Other identifiers, orders, factors and messages; foreign signals keep their first value."""
    own = tmp_path / "car.dbc"
    text = OURS.replace("BO_ 960 CatseyeRoad: 8", "BO_ 2566848512 Mine: 16")
    text = text.replace("960", "2566848512").replace("(0.1,0) [0|102.2]", "(0.5,-10) [0|400]")
    text = text.replace("56|8@1+", "127|8@0+")
    foreign = ' SG_ Foreign : 64|8@1+ (1,0) [0|255] "" X\n\nBO_ 77 Other: 8 Y\n'
    foreign += ' SG_ A : 0|8@1+ (1,0) [0|9] "" X\n\nBO_ 961'
    text = text.replace("\nBO_ 961", foreign)
    own.write_text(text)
    frames = Database(str(own)).frames(statement_of(NUMBERS), 3, [])
    assert [frame.is_fd for frame in frames] == [True, False] and frames[0].is_extended
    road = read_back(frames, text)["Mine"]
    assert road["FreeDistance"] == pytest.approx(12.34, abs=0.25) and road["Foreign"] == 0
    data = bytearray(frames[0].data)
    told, data[15] = data[15], 0
    assert told == checksum(frames[0].identifier, bytes(data))


@pytest.mark.parametrize(
    "old, new, told",
    (
        ("FreeDistance", "Distance", "no signal FreeDistance"),
        ("Checksum :", "Crc :", None),  # the other message still has one
        (' "m" Controller', ' "km" Controller', "in km; expected m"),
        ("[0|102.2]", "[0|102.3]", "takes the raw value 1023"),
        ("[-0.5115|0.5115]", "[-0.512|0.5115]", "takes the raw value -1024"),
        ('2 "unsure"', '2 "maybe"', "has not the values"),
        ("56|8@1+", "56|7@1+", "has 7 bits"),
        ('"ms"', '"s"', "in s; expected ms"),
        ("(0.1,0) [0|102.2]", "(0,0) [0|102.2]", "has the factor 0"),
        ("39|3@1+", "39|1@1+", "has 1 bits, and values to 3"),
        ("39|3@1+", "39|3@1-", "State of .* is signed"),
        ("42|10@1+", "42|10@1-", "Age of .* is signed"),
        ("(2,0)", "(-2,2046)", "a factor below 0"),
        ("52|4@1+ (1,0)", "52|4@1+ (2,0)", "Counter of .* has a factor"),
        ("56|8@1+", "56|8@1-", "Checksum of .* is signed"),
        ("10|7@1+", "10|7@1+ nonsense", "no DBC"),
        ("SG_ Width : 10", "SG_ Width m0 : 10", None),
        ("SG_ State :", "SG_ State M :", "multiplexed"),
    ),
)
def test_a_database_without_our_signals_is_one_line(tmp_path, old, new, told):
    path = tmp_path / "car.dbc"
    path.write_text(OURS.replace(old, new, 1))
    if told is None:
        try:
            Database(str(path))
        except CatseyeError as error:
            assert "\n" not in str(error)
        return
    with pytest.raises(CatseyeError, match=told) as caught:
        Database(str(path))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_what_is_no_file_or_no_database(tmp_path, monkeypatch):
    binary, empty = tmp_path / "binary.dbc", tmp_path / "empty.dbc"
    binary.write_bytes(bytes(range(256)) * 40)
    empty.write_bytes(b"")
    monkeypatch.setattr(dbc, "MOST_BYTES", 1 << 14)
    large = tmp_path / "large.dbc"
    large.write_bytes(b" " * (1 << 15))
    for path in (binary, empty, large, tmp_path, tmp_path / "none.dbc"):
        with pytest.raises(CatseyeError) as caught:
            Database(str(path))
        assert "\n" not in str(caught.value) and len(str(caught.value)) < 600


def test_without_cantools_it_is_one_line(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "cantools", None)
    with pytest.raises(CatseyeError, match=r'pip install "catseye\[can\]"'):
        Database(None)

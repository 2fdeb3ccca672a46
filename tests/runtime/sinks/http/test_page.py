"""The page in a real browser, by clicking."""

import os

import cv2
import numpy as np
import pytest
from browser import Browser, chromium
from camera_loop import wait_until
from page_twin import TOKEN, show

from catseye.runtime.coding.h264 import h264_encoder
from catseye.runtime.power import PowerReading
from catseye.runtime.recording.log import LogReader
from catseye.runtime.sinks.encoding import Way
from catseye.runtime.sinks.http import encoders
from catseye.runtime.sources.faults import Notice

pytestmark = pytest.mark.skipif(
    chromium() is None, reason="needs Chromium (Debian package chromium)"
)

needs_pyav = pytest.mark.skipif(h264_encoder() is None, reason="PyAV is not installed")

PIXEL = (
    "(c => [...c.getContext('2d').getImageData(%d, %d, 1,"
    " 1).data])(document.getElementById('canvas'))"
)


@pytest.fixture
def running(open_page, again_and_again):
    """Opens a page whose run goes on until the test ends."""

    def opened(rest="127.0.0.1:0"):
        sink = open_page(rest)
        again_and_again(
            lambda index: show(sink, index, (160, 90), age_ms=20.0 + index % 7, skipped_in_all=3),
            0.05,
        )
        return sink

    return opened


@pytest.fixture
def browse(tmp_path):
    """Opens a page in a new browser."""
    browsers = []

    def opened(url, number=[0], **options):  # noqa: B006 (counts the profiles)
        number[0] += 1
        browser = Browser(tmp_path / ("profile%d" % number[0]), tmp_path / "downloads", **options)
        browsers.append(browser)
        browser.open(url)
        return browser

    (tmp_path / "downloads").mkdir()
    yield opened
    for browser in browsers:
        browser.__exit__()


def test_the_picture_moves_and_the_slider_blends_it(running, browse):
    page = browse(running().url)
    page.until("number > 5")
    assert page.value("[canvas.width, canvas.height]") == [160, 90]
    page.until("numbers && numbers.frames && opacity.value === '50'")
    half = page.value(PIXEL % (10, 10))[:3]
    # grey 100 and road's (128, 64, 128), half and half
    assert np.abs(np.array(half) - (114, 82, 114)).max() < 12
    page.click("#opacity", across=0.004)
    page.until("opacity.value === '0'")
    assert np.abs(np.array(page.value(PIXEL % (10, 10))[:3]) - 100).max() < 12
    page.click("#opacity", across=0.996)
    page.until("opacity.value === '100'")
    assert np.abs(np.array(page.value(PIXEL % (10, 10))[:3]) - (128, 64, 128)).max() < 12
    assert np.abs(np.array(page.value(PIXEL % (150, 10))[:3]) - (128, 128, 0)).max() < 12  # a tree
    assert page.value("document.getElementById('percent').value") == "100 %"
    assert page.errors == []


def test_the_page_asks_for_a_picture_as_wide_as_it_shows(open_page, again_and_again, browse):
    sink = open_page("127.0.0.1:0")
    again_and_again(lambda index: show(sink, index, (1920, 1080)), 0.1)
    page = browse(sink.url)
    page.until("number > 3")
    shown, wide = page.value("[canvas.clientWidth * devicePixelRatio, canvas.width]")
    assert wide == min(1280, -(-int(np.ceil(shown)) // 320) * 320)
    assert page.value("[canvas.height * 16, canvas.width * 9]") == [wide * 9, wide * 9]
    page.value("document.getElementById('picture').style.width = '300px'")
    page.until("canvas.width === Math.ceil(300 * devicePixelRatio / 320) * 320")
    assert page.errors == []


def test_numbers_chart_and_legend_are_filled(running, browse):
    page = browse(running().url)
    page.until("numbers && numbers.history.length > 1 && numbers.viewers")
    page.until("document.getElementById('status').textContent === 'live'")
    texts = page.value(
        "Object.fromEntries(['age', 'fps', 'skipped', 'stale', 'viewers', 'p50', 'p95', 'p99',"
        " 'model'].map(id => [id, document.getElementById(id).textContent]))"
    )
    assert texts["skipped"] == "3" and texts["stale"] == "0" and texts["viewers"] == "1"
    assert 20 <= float(texts["p50"]) <= float(texts["p95"]) <= float(texts["p99"]) <= 26
    assert (
        float(texts["fps"]) > 0
        and texts["age"].endswith("ms")
        and texts["model"].startswith("tiny · fake")
    )
    rows = page.value("[...document.querySelectorAll('#legend li')].map(row => row.textContent)")
    assert len(rows) == 11 and "Road50.0 %" in rows and "Tree50.0 %" in rows and "Sky0.0 %" in rows
    painted = page.value(
        "(c => new Set(c.getContext('2d').getImageData(0, 0, c.width, c.height).data).size)"
        "(document.getElementById('chart'))"
    )
    assert painted > 10
    assert page.errors == []


def test_without_a_camera_model_nothing_is_told_in_metres(running, browse):
    page = browse(running().url)
    page.until("number > 2 && numbers && numbers.frames")
    shown = "['free', 'width', 'steering'].filter(id => !$(id).parentElement.hidden)"
    assert page.value(shown) == [] and page.errors == []


def test_a_snapshot_is_what_is_seen(running, browse, tmp_path):
    page = browse(running().url)
    page.until("number > 2 && numbers && numbers.frames")
    page.click("#opacity", across=0.996)
    page.until("opacity.value === '100'")
    page.click("#snapshot")
    downloads = str(tmp_path / "downloads")
    # the browser's own file beside it goes once it is whole
    wait_until(lambda: [name[-4:] for name in os.listdir(downloads)] == [".png"])
    (name,) = os.listdir(downloads)
    picture = cv2.imread(str(tmp_path / "downloads" / name))
    assert name.startswith("catseye-") and picture.shape == (90, 160, 3)
    assert np.abs(picture[10, 10].astype(int) - (128, 64, 128)).max() < 12
    assert page.errors == []


@needs_pyav
def test_the_video_plays_its_newest_picture_and_a_click_ends_it(running, browse, tmp_path):
    page = browse(running().url)
    page.until("number > 2 && numbers && numbers.frames")
    page.click("#video")
    page.until("moves() && film.currentTime > 1")
    assert page.value("[film.videoWidth, film.videoHeight, film.error]") == [160, 90, None]
    assert page.value("[film.hidden, canvas.hidden, opacity.disabled]") == [False, True, True]
    page.until("film.buffered.end(film.buffered.length - 1) - film.currentTime < LATE_S")
    page.value("film.currentTime = 0")
    page.until("film.currentTime > 1")
    page.until("numbers.viewers === 1")
    page.click("#snapshot")
    wait_until(lambda: [path.suffix for path in (tmp_path / "downloads").iterdir()] == [".png"])
    (path,) = (tmp_path / "downloads").iterdir()
    picture = cv2.imread(str(path))
    assert picture.shape == (90, 160, 3)
    assert np.abs(picture[60, 40].astype(int) - (114, 82, 114)).max() < 16
    page.click("#video")
    page.until("number > 0 && film.hidden && !canvas.hidden && !opacity.disabled")
    page.until("film.readyState === 0")
    assert page.errors == []


@needs_pyav
def test_the_video_goes_on_after_a_silence_and_with_another_camera(open_page, browse):
    sink = open_page(cameras=("front", "left"))
    show(sink, 0, (160, 90), camera="front")
    page = browse(sink.url + "#front")
    page.until("opened === 'front' && canvas.width === 160")
    assert page.value("document.getElementById('video').offsetHeight") >= 40
    page.click("#video")
    page.until("moves() && film.videoWidth === 160")
    page.until("document.getElementById('notice').textContent.startsWith('No frame for')")

    def goes_on():
        show(sink, 0, (160, 90), camera="front")
        return page.value("film.buffered.length > 0 && film.currentTime > 3")

    wait_until(goes_on, 30.0)
    page.until("document.getElementById('notice').hidden")
    show(sink, 0, (64, 48), camera="left")
    page.click("#tabs button:nth-child(3)")
    page.until("opened === 'left' && moves() && film.videoWidth === 64")
    page.click("#tabs button")
    page.until("together() && film.readyState === 0")
    assert page.value("document.getElementById('video').offsetHeight") == 0
    assert page.errors == []


def test_where_nothing_encodes_the_page_says_so_and_shows_pictures(running, browse, monkeypatch):
    monkeypatch.setattr(encoders, "film_way", Way)
    page = browse(running().url)
    page.until("number > 2 && numbers && numbers.frames")
    page.click("#video")
    page.until("document.getElementById('said').textContent.startsWith('No video: no H.264')")
    page.until("!filming() && number > 0")
    assert not page.value("canvas.hidden || opacity.disabled")


def test_a_browser_without_media_source_is_offered_no_video(running, browse):
    page = browse("about:blank")
    page.call("Page.addScriptToEvaluateOnNewDocument", source="delete window.MediaSource")
    page.open(running().url)
    page.until("number > 2 && numbers && numbers.frames")
    assert page.value("document.getElementById('video').offsetHeight") == 0
    assert page.errors == []


@needs_pyav
def test_a_browser_plays_the_stream_by_itself(running, browse):
    page = browse(running().url + "stream.mp4")
    page.until("document.querySelector('video').currentTime > 0.5")
    found = page.value(
        "(v => [v.videoWidth, v.videoHeight, v.error])(document.querySelector('video'))"
    )
    assert found == [160, 90, None]


def test_the_record_button_records(running, browse, tmp_path):
    page = browse(running().url)
    page.until("number > 2 && numbers && numbers.frames")
    assert not (tmp_path / "recordings").exists()
    page.click("#record")
    page.until("document.getElementById('record').textContent === 'Stop recording'")
    page.until("numbers.recording.written > 3")
    assert page.value("document.getElementById('rec').hidden") is False
    page.click("#record")
    page.until("document.getElementById('said').textContent.startsWith('Recorded')")
    assert page.value("document.getElementById('record').textContent") == "Record"
    (name,) = os.listdir(str(tmp_path / "recordings"))
    frames = [entry.frame.index for entry in LogReader(str(tmp_path / "recordings" / name))]
    assert len(frames) > 3 and frames == sorted(frames)
    assert page.errors == []


def test_nothing_is_asked_of_anybody_else(running, browse):
    sink = running()
    page = browse(sink.url)
    page.until("number > 1 && numbers && numbers.frames")
    page.value("0")  # so that what has happened has arrived here
    assert len(page.requests) >= 3 and all(
        url.startswith((sink.url, "data:")) for url in page.requests
    )


def test_with_a_token_the_page_works_and_hides_it(running, browse):
    sink = running("127.0.0.1:0?token=" + TOKEN)
    page = browse(sink.url)
    page.until("number > 3 && numbers && numbers.frames")
    assert TOKEN not in page.value("location.href") and page.value("document.cookie") == ""
    page.open(sink.url.partition("?")[0])  # the browser knows it now
    page.until("number > 3")
    assert page.errors == []


def test_on_a_phone_nothing_is_wider_than_the_screen(running, browse):
    page = browse(running().url, size_wh=(360, 740), scale=3, mobile=True)
    page.until("numbers && numbers.frames && number > 2")
    assert page.value("document.documentElement.scrollWidth") == 360
    assert page.value(
        "[...document.querySelectorAll('button')].filter(b => !b.hidden)"
        ".every(b => b.getBoundingClientRect().height >= 40)"
    )
    assert page.value(  # with all buttons that a model may bring
        "['doubt', 'above'].forEach(id => { $(id).hidden = false; }),"
        "[...document.querySelectorAll('.bar button')].every(b => b.offsetHeight === 40)"
    )
    assert page.value("document.documentElement.scrollWidth") == 360
    order = page.value(
        "['stage', 'age', 'chart', 'classes']"
        ".map(id => document.getElementById(id).getBoundingClientRect().top)"
    )
    assert order == sorted(order) and len(set(order)) == 4


def test_an_end_and_a_silence_are_said(open_page, browse):
    sink = open_page()
    page = browse(sink.url)
    page.until("document.getElementById('status').textContent === 'waiting'")
    show(sink)
    page.until("document.getElementById('status').textContent === 'live'")
    sink.notice(Notice("lost", 0))
    page.until("document.getElementById('notice').textContent.startsWith('no camera since')")
    page.until("document.getElementById('health').textContent === 'lost'")
    page.until("document.getElementById('status').textContent === 'camera: lost'")
    assert page.value("document.getElementById('status').className") == "gone"
    page.until("document.getElementById('age').textContent.endsWith(' s')")
    sink.notice(Notice("key_frame", 0, {"lost": 1, "key_frame": 1}))
    page.until("document.getElementById('status').textContent === 'camera: key frame'")
    sink.notice(Notice("black", 0, {"lost": 1, "black": 1}))
    page.until("document.getElementById('status').textContent === 'camera: black'")
    page.until("document.getElementById('health').textContent === 'blackso far: lost 1, black 1'")
    assert page.value("document.getElementById('notice').hidden") is False
    sink.close()
    page.until("document.getElementById('status').textContent === 'no connection'")


def test_a_board_shows_its_power_heat_and_mode_and_a_workstation_no_empty_tiles(open_page, browse):
    sink = open_page()
    page = browse(sink.url)
    shown = (
        "['watts', 'celsius', 'mode'].map(id => document.getElementById(id))"
        ".map(e => e.parentElement.offsetHeight ? e.textContent : null)"
    )
    assert page.value(shown) == [None, None, None]
    show(sink, 0, power=PowerReading(6.1234, 47.6, (), "MAXN_SUPER (mode 2)"))
    page.until(shown + "[0] === '6.1W'")
    assert page.value(shown) == ["6.1W", "48°C", "MAXN_SUPER (mode 2)"]
    assert page.value("document.getElementById('celsius').className") == ""
    show(sink, 1, power=PowerReading(None, 98.0, ("gpu-throttle-alert",), "7W (mode 3)"))
    page.until("document.getElementById('celsius').className === 'bad'")
    assert page.value(shown) == [None, "98°C", "7W (mode 3)slowed down by gpu-throttle-alert"]
    assert page.errors == []


def test_a_tab_is_one_viewer_however_often_it_loads(running, browse):
    sink = running()
    page = browse(sink.url)
    for _ in range(3):
        page.until("number > 1 && numbers && numbers.viewers")
        assert page.value("numbers.viewers") == 1
        page.open(sink.url)


def test_several_browsers_watch_at_once(running, browse):
    sink = running()
    pages = [browse(sink.url) for _ in range(2)]
    for page in pages:
        page.until("number > 5")
        page.until("numbers && numbers.viewers === 2")


def test_several_cameras_stand_in_a_grid_and_each_can_be_opened(open_page, browse):
    sink = open_page(cameras=("front", "left"))
    show(sink, 0, (160, 90), camera="front", age_ms=12.0)
    show(sink, 3, (64, 48), camera="left", age_ms=34.0)
    page = browse(sink.url)
    # drawn, which a canvas of its first size is not yet
    page.until("tiles.size === 2 && [...tiles.values()].every(tile => tile.canvas.width !== 300)")
    sizes = "[...document.querySelectorAll('#grid canvas')].map(c => [c.width, c.height])"
    assert page.value(sizes) == [[160, 90], [64, 48]]
    assert page.value("document.getElementById('picture').offsetHeight") == 0
    sink.notice(Notice("lost", 0, {"lost": 1}, camera="left"))
    page.until("document.querySelectorAll('#grid .gone')[1].textContent.endsWith('(lost)')")
    page.until("document.getElementById('status').textContent.endsWith(' of 2 live')")
    rows = "[...document.querySelectorAll('#cameras tbody tr')].map(row => row.cells[0].innerText)"
    page.until(rows + "[1] === 'left\\nlost'")
    page.click("#grid button:nth-child(2)")  # the dead one's last picture is still of use
    page.until("opened === 'left' && bitmap && canvas.width === 64")
    page.until("document.getElementById('index').textContent === '3'")
    page.until("document.getElementById('status').textContent === 'camera: lost'")
    page.click("#tabs button:nth-child(2)")
    page.until("opened === 'front' && bitmap && canvas.width === 160")
    page.until("document.getElementById('age').textContent === '12.0ms'")
    page.click("#tabs button")
    page.until("together() && !document.getElementById('grid').hidden")
    assert page.value("document.getElementById('classes').offsetHeight") == 0
    assert page.errors == []

"""Lectures: what is read is checked, what is written is read again, and a link stays within its limits."""

import base64
import shutil
import tomllib
import zlib

import numpy as np
import pytest

from core import lectures
from core.lectures import (
    MOST_BYTES,
    MOST_PACKED,
    OWN,
    Lecture,
    Station,
    asked,
    packed,
    read,
    shipped,
    unpacked,
    written,
)

ONE = Lecture('A "quoted" title, \\ and ü', 5, (
    Station("gradients?widths=32x10&v=1", "Say “this”: 1 < 2."),
    Station("gradients / Explodes", "And then?", ("controls", "verdict"), "order")))
HEAD = 'title = "T"\nminutes = 5\n'
STATION = '[[stations]]\npage = "home"\nsay = "S"\n'


def in_a_link(data: bytes) -> str:
    return OWN + base64.urlsafe_b64encode(data).decode().rstrip("=")


def test_a_lecture_is_read_as_it_was_written():
    assert read(written(ONE)) == ONE
    assert tomllib.loads(written(ONE))["stations"][1] == {
        "page": "gradients / Explodes", "say": "And then?", "hide": ["controls", "verdict"], "question": "order"}
    assert unpacked(packed(ONE)) == ONE
    assert asked(packed(ONE)) == ONE


def test_what_is_hidden_stands_in_the_order_of_the_table():
    hide = read(HEAD + STATION + 'hide = ["theory", "controls", "theory"]').stations[0].hide
    assert hide == ("controls", "theory")


@pytest.mark.parametrize(("text", "sentence"), [
    ("title = ", "must be a TOML file. Received one that cannot be read"),
    ("x = " + "[" * 5000, "must be a TOML file"),
    (HEAD, "must have 1 to 20 stations. Received: 0."),
    (HEAD + STATION * 21, "must have 1 to 20 stations. Received: 21."),
    (HEAD + "stations = 3", r"stations must be tables, each under \[\[stations\]\]. Received: 3."),
    (HEAD + "stations = [3]", r"stations must be tables.*Received: \[3\]"),
    (HEAD + "author = 'A'\n" + STATION, "A lecture may have title, minutes, stations. Received: 'author'."),
    (HEAD + STATION + "run = 'x'", "Station 1 may have page, say, hide, question. Received: 'run'."),
    (HEAD.replace("5", "0") + STATION, "minutes must be a whole number from 1 to 600. Received: 0."),
    (HEAD.replace("5", "true") + STATION, "minutes must be a whole number.*Received: True."),
    (HEAD.replace("5", "0x" + "f" * 9000) + STATION, "minutes must be.*a number that is too long to write"),
    ("title = 5\n" + HEAD[12:] + STATION, "The lecture: title must be a text of 1 to 120 .*Received: 5."),
    (HEAD + STATION.replace('"S"', '""'), "Station 1: say must be a text of 1 to 300 printable .*Received: ''."),
    (HEAD + STATION.replace('"S"', '"a\\nb"'), "Station 1: say must be .* on one line"),
    (HEAD + STATION.replace('"S"', f'"{"s" * 301}"'), "Station 1: say must be a text of 1 to 300"),
    (HEAD + STATION.replace('page = "home"\n', ""), "Station 1: page must be a text.*Received: nothing."),
    (HEAD + STATION + "hide = ['answer']", "Station 1: hide must be a list of controls, verdict, theory. .*'answer'"),
    (HEAD + STATION + "hide = 'verdict'", "Station 1: hide must be a list"),
    (HEAD + STATION + "question = 3", "Station 1: question must be a text"),
    ("#" * (MOST_BYTES + 1), "may have 65536 bytes of text"),
])
def test_a_mistake_is_a_sentence(text, sentence):
    with pytest.raises(ValueError, match=sentence):
        read(text)


@pytest.mark.parametrize("text", [
    OWN, OWN + "!!", OWN + "é", in_a_link(b"nothing packed"), in_a_link(zlib.compress(written(ONE).encode())[:-5]),
    in_a_link(zlib.compress(written(ONE).encode()) + b"more"), in_a_link(zlib.compress(b"\xff\xfe")),
])
def test_a_damaged_link_is_a_sentence(text):
    with pytest.raises(ValueError, match=r"as this app has written it|damaged"):
        unpacked(text)


def test_a_link_that_unpacks_to_very_much_is_refused_without_unpacking_it(monkeypatch):
    bomb = in_a_link(zlib.compress(b"#" * 12_000_000, 9))
    assert len(bomb) <= MOST_PACKED
    monkeypatch.setattr(lectures, "read", None)
    with pytest.raises(ValueError, match="unpacks to more"):
        unpacked(bomb)


def test_a_link_that_is_too_long_is_refused_both_ways():
    with pytest.raises(ValueError, match=f"may have {MOST_PACKED} letters. Received: {MOST_PACKED + 2}"):
        unpacked(OWN + "A" * (MOST_PACKED + 1))
    digits = np.random.default_rng(0).bytes(20_000).hex()  # as good as nothing is saved by packing them
    many = tuple(Station(f"home?x={digits[2000 * i:2000 * (i + 1)]}", "S") for i in range(20))
    with pytest.raises(ValueError, match=f"may have {MOST_PACKED} letters. Received: 3"):
        packed(Lecture("T", 5, many))


def test_an_unknown_lecture_is_a_sentence_that_names_the_known_ones():
    with pytest.raises(ValueError, match="must be deep_networks, loss_slope_step, one_unit, or one of your own"):
        asked("nobody")


def test_the_three_that_come_with_the_app():
    assert [lecture.title for lecture in shipped().values()] == [
        "Why deep networks did not train, and what changed", "Loss, slope, step", "One unit to one hidden layer"]
    assert len(shipped()["deep_networks"].stations) == 10
    assert shipped()["deep_networks"].minutes == 20
    for lecture in shipped().values():
        assert read(written(lecture)) == unpacked(packed(lecture)) == lecture


def test_adding_one_is_adding_a_file(tmp_path, monkeypatch):
    for path in lectures.FOLDER.glob("*.toml"):
        shutil.copy(path, tmp_path)
    (tmp_path / "mine.toml").write_text(written(ONE), encoding="utf-8")
    monkeypatch.setattr(lectures, "FOLDER", tmp_path)
    shipped.cache_clear()
    asked.cache_clear()
    try:
        assert asked("mine") == ONE
        assert len(shipped()) == 4
    finally:
        monkeypatch.undo()
        shipped.cache_clear()
        asked.cache_clear()

"""A whole run in one frame: rows with a lifetime, numbers packed as text, and what is there at a moment."""

import numpy as np
import pandas as pd
import pytest

from core.charts import moving
from core.charts.moving import CODES, FOREVER, HIDDEN, at, codes_of, lifetimes, text_of
from core.charts.scales import VALUE_KINDS, Scale


def frame(*rows: tuple) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["name", "x", "text"]).astype({"name": object, "x": float, "text": object})


def rows_of(found: pd.DataFrame) -> list[str]:
    """All rows in some order, NaN equal to NaN."""
    return sorted(map(repr, found.astype(object).where(found.notna(), None).itertuples(index=False, name=None)))


def random_frames(seed: int, moments: int) -> list[pd.DataFrame]:
    """Frames of few values, so that rows repeat within a moment, stay, go and come back."""
    rng = np.random.default_rng(seed)
    return [frame(*[(rng.choice(["a", "b"]), rng.choice([0.0, 1.5, np.nan, np.inf, -np.inf]), rng.choice(["", "−1"]))
                    for _ in range(rng.integers(0, 5))]) for _ in range(moments)]


# --- rows with a lifetime -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_every_moment_has_the_rows_it_had(seed):
    frames = random_frames(seed, 1 + 3 * seed)
    found = lifetimes(frames)
    for moment, wanted in enumerate(frames):
        assert rows_of(at(found, moment)) == rows_of(wanted)
    assert rows_of(at(found, len(frames) + 5)) == rows_of(frames[-1])  # what is there at the last moment stays


def test_what_stays_stands_once_and_what_comes_back_twice():
    stays, comes_back, late = ("stays", 1.0, ""), ("back", 2.0, ""), ("late", 3.0, "")
    found = lifetimes([frame(stays, comes_back), frame(stays), frame(stays, comes_back), frame(stays, late)])
    lives = [(row.name, row.since, row.until) for row in found.itertuples(index=False)]
    assert lives == [("stays", 0, FOREVER), ("back", 0, 1), ("back", 2, 3), ("late", 3, FOREVER)]


def test_equal_rows_of_a_moment_go_on_one_by_one():
    twin = ("twin", 1.0, "")
    found = lifetimes([frame(twin, twin), frame(twin, twin), frame(twin)])
    assert sorted(zip(found["since"], found["until"], strict=True)) == [(0, 2), (0, FOREVER)]


def test_a_row_with_nan_and_infinity_stays_too():
    found = lifetimes([frame(("a", np.nan, ""), ("b", np.inf, ""), ("c", -np.inf, ""))] * 3)
    assert found["name"].tolist() == ["a", "b", "c"]
    assert (found["until"] == FOREVER).all()
    assert np.isnan(found["x"][0])


def test_moments_without_rows():
    row = ("a", 1.0, "")
    found = lifetimes([frame(), frame(row), frame(), frame(row), frame()])
    assert list(zip(found["since"], found["until"], strict=True)) == [(1, 2), (3, 4)]
    assert list(found.columns) == ["name", "x", "text", "since", "until"]
    nothing = lifetimes([frame(), frame()])
    assert len(nothing) == 0
    assert list(nothing.columns) == list(found.columns)
    assert len(at(nothing, 0)) == 0
    assert lifetimes([frame(row)])["until"].tolist() == [FOREVER]


def test_columns_keep_their_types():
    made = [pd.DataFrame({"n": [i, 7], "x": [0.5, np.nan], "now": [True, i > 1], "what": "edge"}) for i in range(4)]
    found = lifetimes(made)
    assert found.drop(columns=["since", "until"]).dtypes.equals(made[0].dtypes)
    assert found["since"].dtype.kind == found["until"].dtype.kind == "i"


# --- numbers as text ------------------------------------------------------------------------------------------------


def test_numbers_are_read_back_from_their_text():
    numbers = [0.1, -2.5e-30, 0.0, 1e300, np.inf, -np.inf, 123456.75]
    assert [float(one) for one in text_of(numbers).split(",")] == pytest.approx(numbers, rel=1e-6)
    assert text_of([0.123456, 2.0], digits=3) == "0.123,2"
    sampled = np.random.default_rng(0).standard_normal(50).astype(np.float32)
    assert np.array([float(one) for one in text_of(sampled, 9).split(",")], np.float32).tolist() == sampled.tolist()


def test_infinities_and_nan_are_written_as_a_browser_reads_them():
    assert text_of([np.inf, -np.inf, np.nan, 1]) == "Infinity,-Infinity,NaN,1"


@pytest.mark.parametrize(("numbers", "text"), [([0.5] * 4, "0.5"), ([np.nan] * 3, "NaN"), ([-np.inf] * 2, "-Infinity"),
                                               ([0.5], "0.5"), ([1, 1, 2], "1,1,2"), ([], "")])
def test_what_is_always_the_same_is_written_once(numbers, text):
    assert text_of(numbers) == text


def test_letters_are_left_out_where_all_are_usual():
    assert codes_of(["v", "v"], "v") == ""
    assert codes_of(["v", "<"], "v") == "v<"
    assert codes_of([], "v") == ""


def test_every_kind_has_a_letter_and_all_that_have_no_place_a_capital_one():
    """The sign of a zero, an infinity or NaN is written where its letter is a capital one."""
    assert len(set(CODES.values()) | {HIDDEN}) == len(VALUE_KINDS) + 1
    for kind in ("zero", "infinite", "nan"):
        assert CODES[kind].upper() != CODES[kind]
        assert CODES[kind].upper().lower() == CODES[kind]


# --- one moment -----------------------------------------------------------------------------------------------------


def packed_rows() -> pd.DataFrame:
    zero, nan = CODES["zero"].upper(), CODES["nan"]
    return pd.DataFrame({
        "series": ["signal", "theory", "signal"], "layer": [1, 1, 2],
        "values": ["0.1,0,NaN", "0.25", "1,Infinity"], "kinds": [f"v{zero}{nan}", "", f"v{HIDDEN}"],
        "segments": ["A--", "", "AB"], "labels": ["0.1,0.2,0.3", "", "0.5"]})


def test_packed_numbers_are_those_of_the_moment():
    first, second, third = (at(packed_rows(), moment) for moment in range(3))
    assert first["value"].tolist() == [0.1, 0.25, 1]
    assert first["mark"].tolist() == ["signal", "theory", "signal"]
    assert first["segment"].tolist() == ["A", "A", "A"]
    assert first["label_y"].tolist() == pytest.approx([0.1, np.nan, 0.5], nan_ok=True)
    assert second[["value", "mark", "segment"]].to_numpy().tolist() == [[0, "zero", "-"], [0.25, "theory", "A"]]
    assert third["mark"].tolist() == ["nan", "theory"]
    assert np.isnan(third["value"][0])
    assert "values" not in third


def test_a_row_that_ends_early_keeps_its_last_number():
    assert at(packed_rows().iloc[[1]], 200)["value"].tolist() == [0.25]
    ends = packed_rows().iloc[[2]].assign(kinds="")
    assert at(ends, 200)["value"].tolist() == [np.inf]
    assert at(ends, 200)["segment"].tolist() == ["B"]


def test_packed_rows_can_have_a_lifetime():
    lives = packed_rows().assign(since=[0, 1, 0], until=[1, FOREVER, FOREVER])
    assert at(lives, 0)["layer"].tolist() == [1, 2]
    assert at(lives, 1)["series"].tolist() == ["theory"]


def test_the_browser_reads_a_kind_as_python_does():
    """The transforms name every letter, and what lies at the lower end of the axis stands there."""
    low, high = 1e-8, 100.0
    calculated = {step["as"]: step["calculate"] for step in moving.packed(Scale(low, high, log=True))
                  if "calculate" in step}
    for kind, code in CODES.items():
        assert f"'{code}': '{kind}'" in calculated["_kind"]
    at_low = calculated["y"].split("'")[1]
    assert set(at_low) == {CODES["below"], CODES["zero"]}
    assert repr(low) in calculated["y"]
    assert repr(high) in calculated["y"]


def test_before_the_play_head_has_spoken_the_first_moment_is_shown():
    head, shown = moving.PARAMS
    assert head["bind"] == {"element": "body", "event": "playhead"}
    assert shown == {"name": "at", "expr": "isValid(head) ? +head : 0"}
    assert moving.LIFE == [{"filter": "datum.since <= at && at < datum.until"}]

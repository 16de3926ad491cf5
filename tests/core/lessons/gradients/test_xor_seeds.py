"""How often XOR is solved: the shipped counts against runs made now, Wilson's interval, and live counting."""

import math
import time

import pytest
from scipy.stats import norm

from core import tensors
from core.lessons.gradients import shared_counts, xor_seeds
from core.lessons.gradients.charts import survey as drawing
from core.lessons.gradients.charts import survey_frame
from core.lessons.gradients.shared_counts import Survey, Surveys
from core.lessons.gradients.xor_seeds import End, Share
from core.spec import RunSpec
from core.training import Trainer, recorded_steps, train

FIXES = xor_seeds.fixes(xor_seeds.XOR)
SHARES = {label: xor_seeds.share(xor_seeds.shipped()[xor_seeds.query(spec)]) for label, spec in FIXES.items()}


@pytest.fixture(autouse=True, scope="module")
def tensorflow():
    tensors.tensorflow()


def test_the_run_is_the_course_s():
    assert xor_seeds.XOR.sizes == (2, 4, 1)
    assert (xor_seeds.XOR.optimizer, xor_seeds.XOR.learning_rate, xor_seeds.XOR.batch_size) == ("adam", 0.001, 1)
    assert xor_seeds.XOR.steps == 100 * 4  # epochs of four points
    assert xor_seeds.XOR.data().x_train.tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]


def test_every_fix_has_its_hundred_seeds():
    assert set(xor_seeds.shipped()) == {xor_seeds.query(spec) for spec in FIXES.values()}
    assert all(one.runs == xor_seeds.SEEDS for one in SHARES.values())
    assert FIXES["as it is"] == xor_seeds.XOR


@pytest.mark.parametrize("label", ["as it is", "tanh", "16 units, rate 0.02"])
def test_the_first_shipped_ends_are_what_training_gives_now(label):
    spec = FIXES[label]
    for old, new in zip(xor_seeds.shipped()[xor_seeds.query(spec)], xor_seeds.ends(spec, 4), strict=False):
        assert old.accuracy == new.accuracy
        assert old.loss == pytest.approx(new.loss, rel=0.02)


def test_an_end_is_the_last_state_of_the_whole_run():
    """Recording the ends alone changes no number, with or without calls between them."""
    for spec in (xor_seeds.XOR, FIXES["ten times the epochs"]):
        last = list(train(spec))[-1]
        assert xor_seeds.ends(spec, 1) == [End(last.accuracy, last.training_loss)]


def test_a_trainer_records_what_it_is_told():
    trainer = Trainer(xor_seeds.XOR, recorded=(0, 150, 400))
    steps = []
    while not trainer.finished:
        snapshot = trainer.advance()
        steps += [snapshot.step] if snapshot else []
    assert steps == [150, 400]
    assert len(recorded_steps(400)) > 200


def test_the_interval_is_wilson_s():
    """The formula of 1927: (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)."""
    z, n, solved = norm.ppf(0.975), 100, 23
    p = solved / n
    centre, reach = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    found = xor_seeds.share([End(1.0, 0.0)] * solved + [End(0.75, 0.5)] * (n - solved))
    assert (found.solved, found.runs) == (23, 100)
    assert found.low == pytest.approx((centre - reach) / (1 + z**2 / n))
    assert found.high == pytest.approx((centre + reach) / (1 + z**2 / n))
    assert xor_seeds.share([]) == Share(0, 0, 0.0, 1.0)


def test_what_fixes_it():
    """The claims of the page: the course's network mostly fails, two changes together settle it."""
    assert SHARES["as it is"].high < 0.2
    assert SHARES["16 units, rate 0.02"].low > 0.95
    assert all(SHARES[label].high < 0.7 for label in FIXES if label != "16 units, rate 0.02")
    for alone in ("16 units", "rate 0.02", "ten times the epochs"):
        assert SHARES[alone].low > SHARES["as it is"].high
    text = xor_seeds.solved_sentences(SHARES)
    assert text.startswith(f"**Solved {SHARES['as it is'].solved} of 100** as it is")
    assert text.endswith("Best: **16 units, rate 0.02**, 100 of 100.")


def test_a_best_that_may_be_luck_is_said_to_be():
    assert "Best, but not clearly better: **b**, 5 of 10." in xor_seeds.solved_sentences({
        "a": Share(4, 10, 0.17, 0.69), "b": Share(5, 10, 0.24, 0.76)})
    assert xor_seeds.solved_sentences({"a": Share(0, 0, 0, 1)}).startswith("Not counted yet")


def test_only_the_four_points_are_asked_about():
    assert xor_seeds.asks(xor_seeds.XOR)
    assert not xor_seeds.asks(RunSpec(dataset="xor"))


def counted(surveys: Surveys, specs: list[RunSpec], runs: int) -> None:
    deadline = time.monotonic() + 60
    while not surveys.tick(specs, runs):
        assert time.monotonic() < deadline


def test_counting_gives_the_shipped_counts_tick_by_tick():
    surveys = Surveys()
    assert surveys.get(xor_seeds.XOR).shipped
    counted(surveys, [xor_seeds.XOR, FIXES["rate 0.02"]], 3)
    for spec in (xor_seeds.XOR, FIXES["rate 0.02"]):
        own = surveys.get(spec, watched=True)
        assert not own.shipped
        assert surveys.get(spec).shipped  # to others the whole count says more than three runs
        ends = xor_seeds.shipped()[xor_seeds.query(spec)][:3]
        assert [one.accuracy for one in own.ends] == [one.accuracy for one in ends]


def test_nobody_waits_and_nothing_runs_on_its_own():
    surveys = Surveys()
    surveys._work.acquire()  # as if another viewer's tick were at work
    assert not surveys.tick([xor_seeds.XOR], 3)
    surveys._work.release()
    assert surveys.get(xor_seeds.XOR).shipped  # nothing was counted
    one = Survey(xor_seeds.XOR)
    one.work(0, 1.0)
    assert one.ends == []


def test_the_least_recently_used_are_dropped(monkeypatch):
    monkeypatch.setattr(shared_counts, "KEPT", 2)
    surveys = Surveys()
    for seed in (1, 2, 3):
        surveys.tick([RunSpec(dataset="xor", seed=seed)], 0)
    assert [spec.seed for spec in surveys._surveys] == [2, 3]


def test_without_tensorflow_it_is_loaded_and_nothing_counted(monkeypatch):
    asked = []
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    monkeypatch.setattr(shared_counts, "load_tensorflow", lambda: asked.append(True))
    assert not Surveys().tick([xor_seeds.XOR], 3)
    assert asked == [True]


def test_the_chart_has_a_row_for_each_and_its_count():
    frame = survey_frame(SHARES | {"new": Share(0, 0, 0.0, 1.0)})
    assert frame["label"].tolist()[-2:] == ["100 of 100", "not counted"]
    assert frame["value"].tolist()[0] == SHARES["as it is"].solved / 100
    assert (frame["lowest"] <= frame["value"]).all()
    picture = drawing(tuple(SHARES), "XOR solved")
    assert "rate 0.02" in picture.alt
    assert picture is drawing(tuple(SHARES), "XOR solved")

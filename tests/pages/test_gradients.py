"""What the Gradients page does for two practical questions: other seeds of XOR, and how often clipping bites."""

import re
from dataclasses import replace

import numpy as np
import pytest

from core.diagnosis import diagnose
from core.lessons.gradients import clipping, several_seeds, shared_counts, xor_seeds
from core.lessons.gradients.shared_counts import Surveys
from core.runs import RUNS, Run
from core.spec import RunSpec
from core.spread import predict
from core.training import train
from pages.ui.setups import SETUPS
from tests.pages.reading import ended, every_text, frame, moments, opened, rest, runs, texts, titles

XOR, CLIPPED = (next(setup for setup in SETUPS["gradients"] if word in setup.label) for word in ("XOR", "Keras"))
COUNTS = {label: xor_seeds.share(xor_seeds.shipped()[xor_seeds.query(spec)])
          for label, spec in xor_seeds.fixes(xor_seeds.XOR).items()}


@pytest.fixture(autouse=True)
def fresh_counts(monkeypatch):
    surveys = Surveys()
    monkeypatch.setattr(shared_counts, "SURVEYS", surveys)
    monkeypatch.setattr("pages.ui.seed_counts.SURVEYS", surveys)


def test_the_set_up_is_the_course_s_and_opens_with_the_shipped_counts(visit):
    assert XOR.spec == xor_seeds.XOR
    app = visit("gradients", **XOR.spec.to_query())
    shown = every_text(app, "gradients")
    assert xor_seeds.solved_sentences(COUNTS) in shown
    assert f"Solved {COUNTS['as it is'].solved} of 100" in shown
    assert "These counts came with the app." in shown
    assert "XOR solved at the end, 95 % interval" in titles(app)


def test_another_network_on_xor_is_not_counted_until_asked(visit):
    app = visit("gradients", **XOR.spec.to_query() | {"widths": "5"})
    assert "Not counted yet for this run" in texts(app)


def test_no_other_run_is_asked_about_xor(visit):
    assert "XOR solved at the end, 95 % interval" not in titles(visit("gradients"))


def test_counting_goes_on_while_one_watches_and_stops(visit, tensorflow):
    app = visit("gradients", **XOR.spec.to_query() | {"widths": "5", "steps": "20"})
    app.button(key="survey_count").click().run()
    for _ in range(200):
        app.run()
        if re.search(r"\*\*Solved \d+ of \d+\*\*", texts(app)):
            break
    assert re.search(r"\*\*Solved \d+ of \d+\*\*", texts(app))
    assert app.button(key="survey_count").label == "Stop"
    app.button(key="survey_count").click().run()
    assert app.button(key="survey_count").label == "Count 100 seeds each"
    before = texts(app)
    app.run()
    assert re.search(r"Solved \d+ of \d+", texts(app))[0] == re.search(r"Solved \d+ of \d+", before)[0]


def test_a_count_that_is_left_makes_way_for_the_shipped_one(visit, tensorflow):
    app = visit("gradients", **XOR.spec.to_query())
    app.button(key="survey_count").click().run()
    for _ in range(200):
        app.run()
        if xor_seeds.solved_sentences(COUNTS) not in texts(app):
            break
    assert re.search(r"\*\*Solved \d of \d\*\*", texts(app))
    app.button(key="survey_count").click().run()
    assert xor_seeds.solved_sentences(COUNTS) in texts(app)


def test_clipping_is_shown_before_and_after_with_how_often_it_bites(visit, tensorflow):
    app = ended(visit("gradients", **CLIPPED.spec.to_query() | {"steps": "40"}))
    (run,) = runs(app)
    every_text(app, "gradients")
    assert moments(app, "clipped") == [clipping.clipping_sentences(run.spec, run.history[:n + 1])
                                       for n in range(len(run.history))]
    assert "**Clipping bit in 6 of 40 recorded steps**" in texts(app)
    shown = titles(app).index("Norm of the largest gradient, logarithmic axis")
    for moment in (40, 5):
        rows = frame(rest(app, moment), shown).query("label == ''")
        found = clipping.history(run.spec, run.history[:moment + 1])
        for name in ("before", "after"):
            values = rows[rows["series"].str.startswith(name)]["value"]
            np.testing.assert_allclose(values, [getattr(one, name) for one in found], rtol=1e-6)


def test_without_clipping_there_is_no_such_chart(visit):
    assert not any(title.startswith("Norm of") for title in titles(visit("gradients")))


def test_each_question_has_its_file(visit):
    for setup, words in ((XOR, "def trained(units, rate"), (CLIPPED, "clipnorm=LIMIT")):
        app = opened(visit("gradients", **setup.spec.to_query()), "gradients", "In Keras")
        assert any(words in code.value for code in app.code)


@pytest.mark.nightly
def test_keras_fails_and_succeeds_as_the_counts_say(keras_output):
    """One seed of each, Keras's own: the usual end of each."""
    printed = keras_output("p2_xor")
    (first, second) = (float(share) for share in re.findall(r"accuracy (\S+)", printed))
    assert first < 1
    assert second == 1
    assert COUNTS["as it is"].solved < 50 < COUNTS["16 units, rate 0.02"].solved
    assert re.findall(r"(\d+) parameters", printed) == ["17", "65"]


def test_keras_counts_and_clips_as_the_page_does(keras_output):
    printed = keras_output("p9_clipping")
    assert "9,729 parameters" in printed
    bites, steps = map(int, re.search(r"bit in (\d+) of (\d+) steps", printed).groups())
    assert steps == CLIPPED.spec.steps
    assert bites <= 10
    for before, after in re.findall(r"norm before (\S+), after (\S+)", printed):
        assert float(after) == pytest.approx(min(float(before), 1.0))


def test_tanh_with_glorot_shows_what_it_says(tensorflow):
    """Signal and kernel gradient of layer 1 beside layer 10's, at step 0."""
    setup = next(one for one in SETUPS["gradients"] if one.label == "Tanh with Glorot trains")
    layers = next(train(setup.spec)).layers
    assert 0.35 < layers.signal_rms[0] / layers.signal_rms[9] < 0.45
    assert 0.8 < layers.kernel_gradient_norm[0] / layers.kernel_gradient_norm[9] < 1.3


def test_the_network_that_is_said_to_die_dies_with_most_seeds(tensorflow):
    dies = next(setup.spec for setup in SETUPS["gradients"] if setup.label == "ReLU dies")
    verdicts = [diagnose(spec, list(train(spec))).kind for spec in (replace(dies, seed=seed) for seed in range(4))]
    assert verdicts[0] == "dead"
    assert verdicts.count("dead") >= 3


def test_luck_spreads_the_signal_as_far_as_it_says():
    setup = next(one for one in SETUPS["gradients"] if one.label == "Luck spreads the signal")
    low, _, high = predict(setup.spec).signal[:, 0]
    assert "factor of eight" in setup.look
    assert 7.5 < high / low < 8.5


# --- several seeds ----------------------------------------------------------------------------------------------------

LUCK = RunSpec(activation="relu", initializer="he_normal", widths=(8,) * 4, samples=32, test_fraction=0.0, steps=20,
               batch_size=1)


def drawn_seeds(app) -> list[str]:
    return [title for title in titles(app) if "seeds: median" in title]


def until_done(app):
    for _ in range(400):
        if app.button(key="several_seeds_start").label != "Stop":
            return app
        app.run()
    raise AssertionError("The seeds do not come.")


@pytest.mark.parametrize("at", ["start", "end"])
def test_several_seeds_are_drawn_when_asked_with_the_verdict_of_each(visit, tensorflow, at):
    app = visit("gradients", **LUCK.to_query() | {"seeds": "5", "seeds_at": at})
    assert drawn_seeds(app) == []
    label = {"start": "Draw 5 seeds", "end": "Train 5 seeds to the end"}[at]
    assert app.button(key="several_seeds_start").label == label
    until_done(app.button(key="several_seeds_start").click().run())
    found = several_seeds.Seeds(LUCK, at == "end")
    histories = [list(train(spec)) for spec in LUCK.with_seeds(5)]
    found.take(Run(spec, history, phase="finished")
               for spec, history in zip(LUCK.with_seeds(5), histories, strict=True))
    assert several_seeds.sentences(LUCK, found.readings(5), at == "end") in texts(app)
    assert drawn_seeds(app) == [f"{what} / the last hidden layer's, 5 seeds: median, 10 to 90 %"
                                for what in ("Signal", "Kernel gradient")]
    rows = frame(app, titles(app).index(drawn_seeds(app)[0]))
    assert ("theory" in set(rows["what"])) == (at == "start")
    assert app.button(key="several_seeds_start").disabled
    assert app.button(key="several_seeds_start").label == label


def test_seeds_that_are_stopped_are_wanted_no_more(visit, tensorflow):
    app = visit("gradients", **LUCK.to_query() | {"seeds": "200"})
    app.button(key="several_seeds_start").click().run()
    assert app.button(key="several_seeds_start").label == "Stop"
    app.button(key="several_seeds_start").click().run()
    assert app.button(key="several_seeds_start").label == "Draw 200 seeds"
    name = f"{app.session_state['player'].name} seeds"
    assert not any(name in run._wants for run in RUNS._runs.values())


def test_seeds_of_another_run_are_not_drawn_for_this_one(visit, tensorflow):
    app = visit("gradients", **LUCK.to_query() | {"seeds": "5"})
    until_done(app.button(key="several_seeds_start").click().run())
    assert len(drawn_seeds(app)) == 2
    other = visit("gradients", **replace(LUCK, widths=(8,) * 3).to_query() | {"seeds": "5"})
    assert drawn_seeds(other) == []

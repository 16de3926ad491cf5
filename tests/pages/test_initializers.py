"""The Initializers page as its visitors get it: panels, a kernel, counted units, odd links, a live run."""

import re

import numpy as np
import pytest

from core import tensors
from core.initializers import INITIALIZERS
from core.lessons.initializers import equal_units, kernels
from core.lessons.initializers.setups import DEEP_RELU
from core.shipped.opening_runs import SPECS
from core.side_by_side import under_each_initializer
from core.spec import RunSpec
from pages.ui.setups import SETUPS
from tests.pages.reading import bar, control, ended, every_text, frame, opened, runs, texts, titles


def panels(app) -> list[str]:
    """The initializers in the order of their panels, each with the sign and word of its verdict and its loss."""
    rows = frame(app)
    texts = rows[(rows["run"] != "key") & (rows["label"] != "")]["label"].tolist()
    return [f"{name} {verdict}" for name, verdict in zip(texts[::2], texts[1::2], strict=True)]


def test_it_opens_with_eleven_finished_runs_sorted_by_verdict(visit):
    app = visit("initializers")
    names = [panel.split(" + ")[0].split(" ↘ ")[0] for panel in panels(app)]
    shown = panels(ended(app))
    assert all(panel.startswith(name) for panel, name in zip(shown[:9], names, strict=False))  # each keeps its place
    assert shown[:2] == ["He uniform ✓ learned 0.011", "He normal + learning 0.013"]
    assert {panel.rsplit(" ", 2)[1] for panel in shown[2:9]} == {"vanishing"}
    assert shown[9:] == ["Zeros = symmetric 0.69", "Ones ! overflow NaN"]
    assert "1 learned, 1 learning, 7 vanishing, 1 symmetric, 1 overflow." in every_text(app, "initializers")


def test_its_runs_come_with_the_app():
    assert set(under_each_initializer(DEEP_RELU).values()) <= set(SPECS)


def test_without_tensorflow_every_part_opens(visit, monkeypatch):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    assert "Keras draws the sample, so it comes when TensorFlow has loaded." in every_text(
        visit("initializers", show="kernel"), "initializers")
    assert "Units are counted in real runs; that comes when TensorFlow has loaded." in every_text(
        visit("initializers", show="units"), "initializers")
    app = visit("initializers", seed="3")
    assert "The first measurement comes with TensorFlow." in every_text(app, "initializers")
    assert [panel.partition(" waiting")[0] for panel in panels(app)] == [
        entry.label.partition(" (")[0] for entry in INITIALIZERS.values()]


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("initializers").exception


def test_the_measured_variance_stands_beside_the_theory(visit, tensorflow):
    shown = texts(visit("initializers", show="kernel", kernel="glorot_uniform", fan_in="64", fan_out="32"))
    variance, error, theory = map(float, re.search(
        r"variance of \*\*(\S+) ± 4.1·10⁻⁴\*\* \(standard error\); theory says \*\*(\S+)\*\*", shown).expand(
        r"\1 4.1e-4 \2").split())
    assert theory == pytest.approx(2 / (64 + 32), rel=1e-3)
    assert abs(variance - theory) < 4 * error


@pytest.mark.parametrize("name", INITIALIZERS)
def test_every_initializer_has_its_kernel_and_card(visit, tensorflow, name):
    app = visit("initializers", show="kernel", kernel=name)
    assert INITIALIZERS[name].summary in every_text(app, "initializers")
    assert INITIALIZERS[name].keras_code(0) in opened(app, "initializers", "In Keras").code[-1].value
    assert "Density" in titles(app)[0]


def test_a_moved_slider_is_in_the_link_and_in_the_numbers(visit, tensorflow):
    app = visit("initializers", show="kernel")
    control(app, "slider", "fan_in").set_value(16).run()
    control(app, "slider", "fan_out").set_value(48).run()
    control(app, "number_input", "seed").set_value(4).run()
    assert "n_in · Var(W) = **0.50**" in texts(app)
    assert "GlorotUniform(seed=4)" in opened(app, "initializers", "In Keras").code[-1].value
    assert (app.query_params["fan_in"], app.query_params["fan_out"], app.query_params["seed"]) == ("16", "48", "4")


def test_equal_units_are_counted(visit, tensorflow):
    app = visit("initializers", **equal_units.RUN.to_query(), show="units")
    shown = texts(app)
    assert shown.count("**All 6 units of a layer are equal** after 50 steps") == 2
    assert shown.count("**All 6 units of a layer differ** after 50 steps") == 1
    control(app, "slider", "bias_std").set_value(0.1).run()
    assert texts(app).count("**All 6 units of a layer differ** after 50 steps") == 3
    control(app, "slider", "bias_std").set_value(0.0).run()
    control(app, "slider", "after").set_value(0).run()
    assert texts(app).count("**All 6 units of a layer are equal** after 0 steps") == 2


@pytest.mark.parametrize(("query", "said"), [
    ({"fan_in": "1e9"}, "fan_in must be a whole number from 2 to 512. Received: 1000000000. Taken as 512."),
    ({"fan_out": "7.5"}, "fan_out must be a whole number from 2 to 512. Received: 7.5. Taken as 8."),
    ({"fan_in": "nan"}, "Taken as 64."),
    ({"after": "-3"}, "after must be a whole number from 0 to 100. Received: -3. Taken as 0."),
    ({"kernel": "he"}, "kernel must be one of zeros, ones, random_normal"),
    ({"kernel": "x" * 100_000}, "100000 characters long (at most 600); left out."),
    ({"show": "everything"}, "show must be one of compare, kernel, units"),
    ({"widths": "32x99", "activation": "reluu"}, "activation must be one of"),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, tensorflow, query, said):
    app = visit("initializers", **{"show": "kernel"} | query)
    every_text(app, "initializers")
    notes = "\n".join(warning.value for warning in app.warning)
    assert said in notes
    assert len(notes) < 1000


def test_eleven_runs_train_live_and_equal_the_shipped_ones(visit, tensorflow):
    """A short run of the page's own: every panel gets to the last step, healthiest first."""
    spec = RunSpec(widths=(16,) * 6, activation="relu", steps=20)
    app = visit("initializers", **spec.to_query())
    shown = panels(ended(app))
    assert bar(app)["labels"][bar(app)["opens"]] == "step 20 of 20"
    assert len(shown) == len(INITIALIZERS)
    words = [panel.rsplit(" ", 2)[1] for panel in shown]
    assert words[0] == "learning"
    assert words.count("symmetric") == 2
    trained = runs(app, *under_each_initializer(spec).values())
    assert {run.history[-1].step for run in trained} == {20}
    for run in trained:
        rows = frame(app).query("series == 'signal'")
        signal = rows[rows["run"] == INITIALIZERS[run.spec.initializer].label]["value"]
        np.testing.assert_allclose(signal, run.history[-1].layers.signal_rms, rtol=0.06)  # two digits


def test_a_run_that_ends_early_does_not_stop_the_others(visit, tensorflow):
    """Thirty layers of ones overflow at step 0."""
    spec = RunSpec(widths=(32,) * 30, activation="relu", steps=20, seed=5)
    app = visit("initializers", **spec.to_query())
    ended(app)
    steps = {run.spec.initializer: run.history[-1].step for run in runs(app, *under_each_initializer(spec).values())}
    assert steps["ones"] == 0
    assert {step for name, step in steps.items() if name != "ones"} == {20}
    assert panels(app)[-1] == "Ones ! overflow NaN"


@pytest.mark.parametrize(("part", "words"), [("compare", "keras.layers"), ("kernel", "GlorotUniform(seed=0)"),
                                            ("units", "keras.layers")])
def test_the_same_in_keras(visit, tensorflow, part, words):
    assert words in opened(visit("initializers", show=part), "initializers", "In Keras").code[-1].value


def test_the_file_of_p3_draws_the_page_s_kernel(visit, tensorflow, keras_output):
    """Initializer, shape and seed of the set-up: the same weights to the last digit that is printed."""
    setup = next(one for one in SETUPS["initializers"] if one.label == "Glorot")
    app = visit("initializers", **setup.spec.to_query(), **setup.own)
    printed = keras_output("p3_xavier")
    measured, theory = (float(re.search(rf"{what}.*: +(\S+)", printed)[1]) for what in ("weights drawn", "formula"))
    shown = re.search(r"variance of \*\*(\S+) ± .* theory says \*\*(\S+)\*\*", texts(app))
    assert f"fan-in {setup.own['fan_in']}, fan-out {setup.own['fan_out']}" in printed
    assert theory == pytest.approx(2 / (64 + 32), abs=1e-5)
    assert float(shown[2]) == pytest.approx(theory, rel=1e-3)
    assert float(shown[1]) == pytest.approx(measured, rel=5e-3)
    sample = kernels.sampled("glorot_uniform", 64, 32, 0)
    assert measured == pytest.approx(float(np.var(sample)), abs=1e-5)
    assert any("GlorotUniform(seed=0)" in code.value and "P3" in code.value
               for code in opened(app, "initializers", "In Keras").code)

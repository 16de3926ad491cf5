"""Words, tables, charts and scripts of the page on activations."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from core.activations import ACTIVATIONS, softmax_jacobian
from core.charts import moving
from core.charts.rows import table
from core.lessons.activations import charts, linear_stack, report, scripts, slopes
from core.spec import RunSpec
from core.theory import predict
from core.training import train


def points(z: float, *names: str) -> list[slopes.AtZ]:
    return [slopes.at(name, z) for name in names]


# --- words ----------------------------------------------------------------------------------------------------------


def test_the_sentence_on_a_point_names_least_and_most():
    assert report.point_sentence(0.0, points(0.0, "sigmoid", "tanh")) == (
        "At z = 0, **Sigmoid** lets the least signal back: ×0.25 in one layer, 1/1\N{NARROW NO-BREAK SPACE}000"
        "\N{NARROW NO-BREAK SPACE}000 in ten such layers; **Tanh** lets the most back: ×1.0 in one layer, ×1.0 in ten "
        "such layers.")
    assert "**ReLU** lets the least signal back: nothing" in report.point_sentence(-1, points(-1.0, "relu", "elu"))
    assert "least" not in report.point_sentence(2.0, points(2.0, "relu"))


def test_point_tables():
    assert report.at_z_table(-2.0, points(-2.0, "leaky_relu")) == [
        {"At z = −2": "Leaky ReLU", "f(z)": "−0.40", "f′(z)": "0.20", "10 layers": "1/9\N{NARROW NO-BREAK SPACE}800"
         "\N{NARROW NO-BREAK SPACE}000"}]
    assert report.at_most_table(points(0.0, "sigmoid"))[0]["20 layers"] == "×9.1·10⁻¹³"


def test_the_deep_report_says_theory_start_and_now():
    histories = {}
    specs = slopes.alternatives(RunSpec(widths=(32,) * 6, steps=20), ("sigmoid", "relu"), slopes.USUAL)
    for label, spec in specs.items():
        histories[label] = list(train(spec))
    results = [report.deep(label, specs[label], history) for label, history in histories.items()]
    sigmoid, relu = results
    assert sigmoid.start == slopes.factor_per_layer(histories["Sigmoid"][0].layers.signal_rms[:-1])
    assert sigmoid.now == slopes.factor_per_layer(histories["Sigmoid"][-1].layers.signal_rms[:-1])
    assert sigmoid.theory == pytest.approx(0.236, rel=0.05)
    assert (sigmoid.verdict, relu.verdict) == ("vanishing", "learning")
    sentence = report.deep_sentence(results, 6)
    assert sentence.index("Least of the signal gets back with **Sigmoid**") < sentence.index("Most with **ReLU**")
    assert [row["One layer keeps"] for row in report.deep_table(results)] == ["Sigmoid", "ReLU"]
    assert report.initializers_sentence(specs) == "Sigmoid: Glorot normal (Xavier); ReLU: He normal."


def test_a_deep_network_without_a_theory_or_a_second_layer_is_said():
    zeros = replace(slopes.DEEP, initializer="zeros", steps=1)
    one = report.deep("Tanh", replace(zeros, activation="tanh"), [next(train(replace(zeros, activation="tanh")))])
    assert (one.theory, one.start) == (None, None)
    assert report.deep_table([one])[0]["Theory"] == "none"
    flat = RunSpec(widths=(8,), steps=1)
    alone = report.deep("Sigmoid", flat, [next(train(flat))])
    assert "no factor" in report.deep_sentence([alone], 1)
    assert report.deep_sentence([], 10) == ""


def test_the_report_on_seeds_counts_those_that_learned():
    histories = {label: list(train(spec)) for label, spec in slopes.seeds(slopes.XOR, 3).items()}
    ends = [history[-1].accuracy for history in histories.values()]
    sentence = report.seeds_sentence(slopes.XOR, histories)
    assert sentence.startswith("**Not learned.** After 400 steps (100 epochs), seed\N{NO-BREAK SPACE}0 has 2 of 4 ")
    assert f"Of 3 seeds, {ends.count(1.0) or 'none'} ha" in sentence
    assert [row["Right now"] for row in report.seeds_table(slopes.XOR, histories)] == [
        f"{int(4 * end)} of 4" for end in ends]
    assert report.seeds_sentence(slopes.XOR, {}) == ""


def test_the_softmax_table_shows_the_formula_overflow_and_the_probabilities_stay():
    calm, shifted = report.softmax_table((2, 1, 0), 0), report.softmax_table((2, 1, 0), 1000)
    assert [row["pᵢ"] for row in shifted] == [row["pᵢ"] for row in calm] == ["0.665", "0.245", "0.0900"]
    assert {row["formula as it stands"] for row in shifted} == {"NaN"}
    assert [row["formula as it stands"] for row in calm] == [row["pᵢ"] for row in calm]
    assert "p₂ by 0.18" not in report.softmax_sentence((2, 1, 0), 0)
    jacobian = softmax_jacobian(np.array([2.0, 1.0, 0.0]))
    assert (f"p₁ rises by {jacobian[0, 0]:.2f} times as much, while p₂ by {-jacobian[0, 1]:.2f}"
            in report.softmax_sentence((2, 1, 0), 0))
    assert f"{jacobian[1, 1]:.3f}" in report.softmax_matrix((2, 1, 0))


def test_the_report_on_a_stack_has_its_numbers():
    stacks = {name: linear_stack.stack(5, 0, name) for name in ("linear", "relu")}
    sentence = report.stack_sentence(stacks["linear"], 0)
    assert "the same outputs as 914" in sentence
    assert "8 numbers" in sentence
    linear, relu = report.stack_table(stacks, 0)
    assert "10⁻¹⁵" in linear["Away from the closest matrix, at most"]
    assert float(relu["Away from the closest matrix, at most"]) > 1
    one = linear_stack.collapsed(stacks["linear"].layers)
    assert all(f"{number:.3f}" in report.stack_matrices(one)[0] for number in one.kernel.ravel())


# --- charts ---------------------------------------------------------------------------------------------------------


def test_curves_and_slopes_hold_the_functions_and_the_point():
    plots = charts.curve_plots(("tanh", "elu"), {"elu": 0.5}, 2.0)
    for name, function in (("activation", "fn"), ("slope", "derivative")):
        frame, drawing = plots[name]
        rows = frame[frame["series"] == "ELU"]
        np.testing.assert_allclose(rows["value"], getattr(ACTIVATIONS["elu"], function)(rows["x"].to_numpy(), 0.5))
        assert frame[frame["points"]]["x"].tolist() == [2.0, 2.0]
        assert "Tanh, ELU" in drawing.alt


def test_the_axis_of_slopes_grows_with_alpha():
    def top(alpha: float) -> float:
        frame, _ = charts.curve_plots(("elu",), {"elu": alpha}, 0.0)["slope"]
        return frame["y"].max()

    assert top(2.0) == pytest.approx(2.0, abs=0.1)
    assert charts.curve_plots(("tanh",), {}, 0)["slope"][1] is charts.curve_plots(("tanh",), {}, 1)["slope"][1]


def test_a_colour_stays_with_its_activation():
    def colours(*names: str) -> dict[str, str]:
        spec = charts.curve_plots(names, {}, 0.0)["activation"][1].spec
        scale = spec["layer"][0]["encoding"]["color"]["scale"]
        return dict(zip(scale["domain"], scale["range"], strict=True))

    assert colours("relu")["ReLU"] == colours("sigmoid", "tanh", "relu")["ReLU"]


def test_signals_have_a_theory_each():
    specs = slopes.alternatives(RunSpec(widths=(16,) * 4, steps=2), ("sigmoid", "relu"), slopes.USUAL)
    histories = {label: list(train(spec)) for label, spec in specs.items()}
    frame, drawing = charts.signal_plots(specs, histories)["signal"]
    for moment in range(3):
        rows = moving.at(frame, moment)
        assert (rows["series"] == "theory").sum() == 2 * 4
        for label, history in histories.items():
            measured = rows[rows["series"] == label].sort_values("layer")["value"]
            np.testing.assert_allclose(measured, history[moment].layers.signal_rms, rtol=1e-6)
    assert charts.signal_plots(specs, histories | {"ReLU": []})["signal"][0] is None
    begun = {label: history[:1] for label, history in histories.items()}
    assert charts.signal_plots(specs, begun)["signal"][1] is drawing


def test_factors_and_losses_are_those_of_each_moment():
    specs = slopes.alternatives(RunSpec(widths=(16,) * 4, steps=3), ("sigmoid", "relu"), slopes.USUAL)
    histories = {label: list(train(spec)) for label, spec in specs.items()}
    measured = {label: [slopes.factor_per_layer(state.layers.signal_rms[:-1]) for state in history]
                for label, history in histories.items()}
    measured["ReLU"][1] = None
    silent = histories["ReLU"][1]  # as where a signal is not finite
    histories["ReLU"][1] = replace(silent, layers=replace(
        silent.layers, signal_rms=np.full_like(silent.layers.signal_rms, np.inf)))
    expected = {label: slopes.factor_per_layer(predict(spec).signal) for label, spec in specs.items()}
    plots = charts.deep_plots(specs, histories)
    frame, drawing = plots["factor of a layer"]
    for moment in range(4):
        rows = moving.at(frame, moment)
        theory = rows[rows["series"] == "theory"].set_index("name")["value"].to_dict()
        assert theory == pytest.approx(expected, rel=1e-6)
        found = rows[rows["series"] == "signal"].set_index("name")["value"].to_dict()
        assert found == pytest.approx({label: values[moment] for label, values in measured.items()
                                       if values[moment] is not None}, rel=1e-6)
        losses = table(plots["loss"][0], moment)
        for label, history in histories.items():
            assert losses[losses["series"] == label]["value"].tolist() == [
                state.loss for state in history[:moment + 1]]
    nothing = charts.deep_plots(specs, {label: [] for label in specs})
    assert all(frame is None for frame, _ in nothing.values())
    assert nothing["factor of a layer"][1] is drawing


def test_rows_of_seeds_end_with_what_was_recorded_last():
    specs = slopes.seeds(replace(slopes.XOR, steps=90), 2)
    histories = {label: list(train(spec)) for label, spec in specs.items()}
    frame, drawing = charts.seed_plots(specs, histories)["examples right"]
    for moment in (0, 1, 2, 30, 75, 90):
        rows = moving.at(frame, moment)
        for label, history in histories.items():
            row, now = rows[rows["series"] == label].sort_values("step"), history[moment]
            assert row["value"].iloc[-1] == now.accuracy
            assert row["recorded"].iloc[-1] == now.step
            assert row["label"].tolist() == [""] * (len(row) - 1) + [f"{now.accuracy:.0%}"]
            assert row["end"].max() == min(now.step // 2 * 2 + 2, 90)  # a stretch is two steps
            assert (row["step"].iloc[1:].to_numpy() == row["end"].iloc[:-1].to_numpy()).all()
    assert "8" not in drawing.alt
    regression = slopes.seeds(RunSpec(dataset="sine", widths=(4,), steps=2), 2)
    assert list(charts.seed_plots(regression, {label: list(train(s)) for label, s in regression.items()})) == ["loss"]


def test_a_run_that_ended_keeps_its_share():
    specs = slopes.seeds(replace(slopes.XOR, steps=20), 2)
    first, second = (list(train(spec)) for spec in specs.values())
    frame, _ = charts.seed_plots(specs, dict(zip(specs, (first[:6], second), strict=True)))["examples right"]
    rows = moving.at(frame, 20)
    last = rows[rows["series"] == next(iter(specs))].sort_values("step").iloc[-1]
    assert (last["recorded"], last["label"]) == (5, f"{first[5].accuracy:.0%}")


def test_softmax_curves_sum_to_one():
    frame, _ = charts.softmax_plots((2.0, 1.0, 0.0))["probability"]
    lines = frame[~frame["points"]]
    np.testing.assert_allclose(lines.groupby("x")["value"].sum(), 1)
    at = frame[frame["points"]]
    np.testing.assert_allclose(at["value"], ACTIVATIONS["softmax"].fn(np.array([2.0, 1.0, 0.0])))


def test_the_one_matrix_lies_on_the_linear_stack():
    linear = linear_stack.stack(4, 0)
    one = linear_stack.Stack((linear_stack.collapsed(linear.layers),))
    frame, drawing = charts.stack_plots({"Linear": linear}, one)["output"]
    values = {name: rows["value"].to_numpy() for name, rows in frame.groupby("series")}
    np.testing.assert_allclose(values["one matrix"], values["Linear"], atol=1e-12)
    dashes = drawing.spec["layer"][0]["encoding"]["strokeDash"]["scale"]
    assert dict(zip(dashes["domain"], dashes["range"], strict=True))["one matrix"] == [6, 4]


# --- scripts --------------------------------------------------------------------------------------------------------


def test_the_scripts_run_as_pasted_and_print_the_numbers_of_the_page():
    whole = "\nprint('---')\n".join([
        scripts.points_script(("sigmoid", "leaky_relu", "gelu"), -1.5, {"leaky_relu": 0.1}),
        scripts.softmax_script((2, 1, 0), 1000), scripts.stack_script(5, 0)])
    run = subprocess.run([sys.executable, "-c", whole], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    curve, softmax, stack = (part.split() for part in run.stdout.split("---"))
    for name, alpha, (value, slope) in zip(("sigmoid", "leaky_relu", "gelu"), (None, 0.1, None), (
            curve[1:3], curve[4:6], curve[7:9]), strict=True):
        point = slopes.at(name, -1.5, alpha)
        assert (float(value), float(slope)) == pytest.approx((point.value, point.slope), rel=1e-5)
    numbers = [float(text.strip("[]")) for text in softmax if text.strip("[]")]
    p = ACTIVATIONS["softmax"].fn(np.array([2.0, 1.0, 0.0]))
    assert numbers == pytest.approx([*p, *p, *softmax_jacobian(np.array([2.0, 1.0, 0.0])).ravel()], abs=1e-6)
    assert stack[:2] == ["914", "8"]
    assert float(stack[2]) < 1e-4

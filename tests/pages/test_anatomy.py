"""The Anatomy page as its visitors get it: a net with its boundary, every family, all counts, odd links, a live run."""

import re

import numpy as np
import pytest

from core import tensors
from core.architecture import Architecture
from core.charts import boundary, network
from core.course_models import SOURCE_MODELS
from core.layer_table import rows, total
from core.lessons.anatomy import family_training, report
from core.lessons.anatomy.families import FAMILIES
from core.network import unflatten
from core.shipped.opening_runs import SPECS
from core.spec import RunSpec
from pages.ui.setups import SETUPS
from tests.pages.reading import control, ended, every_text, frame, opened, rest, runs, set_up, texts, whole


def tables(app) -> list:
    return [table.value for table in app.table]


def test_it_opens_with_a_trained_net_and_its_boundary_without_tensorflow(visit, monkeypatch):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    app = visit("anatomy")
    assert {report.OPENS, report.SOURCE} <= set(SPECS)
    assert "36 + 156 + 13 = **205 parameters**" in every_text(app, "anatomy")
    (run,) = runs(app)
    shares = []
    for moment in (0, len(run.history) - 1):
        rest(app, moment)
        weights = network.measured(whole(app), moment)["weight"]
        layers = unflatten(Architecture.of(run.spec), run.history[moment].theta)
        assert sorted(weights) == pytest.approx(sorted(np.concatenate([kernel.ravel() for kernel, *_ in layers])),
                                                rel=1e-3)
        examples = boundary.measured(whole(app, 1), moment)
        shares.append((examples["class"] == examples["says"]).mean())
        assert f"{shares[-1]:.0%}".replace("%", " %") + " of the training examples" in texts(app)
        assert len(frame(app, 1).query("what == 'line'")) == 1
    assert shares[0] < 0.7 < 0.9 < shares[1]


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("anatomy").exception


def test_every_layer_has_its_slider_and_the_link_its_widths(visit):
    app = visit("anatomy")
    control(app, "slider", "units_1").set_value(5).run()
    assert app.query_params["widths"] == "12,5"
    assert "**2 → 12 → 5 → 1**: 36 + 65 + 6 = **107 parameters**" in texts(app)
    control(app, "slider", "depth").set_value(3).run()
    assert app.query_params["widths"] == "12,5,5"
    assert list(tables(app)[0]["Param #"])[:5] == ["0", "36", "65", "30", "6"]
    control(app, "slider", "depth").set_value(9).run()
    assert control(app, "slider", "width")


def test_training_here_gives_the_boundary_of_another_net(visit, tensorflow):
    spec = RunSpec(dataset="moons", samples=40, widths=(3,), activation="tanh", learning_rate=1.0, steps=40)
    app = ended(visit("anatomy", **spec.to_query()))
    assert "After 40 steps the loss is" in every_text(app, "anatomy")
    assert len(frame(app).query("what == 'weight'")) == spec.kernel_entries
    assert len(frame(app, 1).query("what == 'cell'")) == 1600


def test_the_source_s_model_has_its_table_and_no_plane(visit):
    app = visit("anatomy", **report.SOURCE.to_query())
    shown = every_text(app, "anatomy")
    assert "1,408 + 8,256 + 65 = **9,729 parameters**" in shown
    assert "Random targets has numbers to predict; a picture in the plane is of classes." in shown
    assert list(tables(app)[0]["Param #"]) == ["0", "1,408", "8,256", "65", "**9,729**"]


def test_batch_norm_counts_what_is_not_trained(visit, tensorflow):
    app = ended(visit("anatomy", **RunSpec(dataset="moons", widths=(4,), batch_norm=True, steps=20).to_query()))
    assert "8 of them not trained" in every_text(app, "anatomy")
    assert list(tables(app)[0]["Param #"])[-3:] == ["**33**", "**25**", "**8**"]
    assert len(frame(app, 1)) > 1600


@pytest.mark.parametrize("name", FAMILIES)
def test_every_family_shows_its_layers_without_tensorflow(visit, monkeypatch, name):
    monkeypatch.setattr(tensors, "loaded", lambda: False)
    app = visit("anatomy", part="families", family=name)
    shown, family = every_text(app, "anatomy"), FAMILIES[name]
    for row in family.rows:
        assert f"**{row.layer.name}** · " in shown
    every = sum(map(total, family.models.values()))
    assert f"**{every:,}**" in list(tables(app)[0]["Param #"])
    assert report.trained_sentence(name, family_training.figures(name)) in shown
    assert "keras.Model(" in opened(app, "anatomy", "In Keras").code[-1].value
    pictures = [array for row in family.rows if (array := report.pictured(
        row.layer.name, family_training.layers(name)[row.layer.name][3])) is not None]
    assert len(app.get("vega_lite_chart")) >= len(pictures) + 2  # the layers, and what is special about the family


def test_another_example_is_another_picture_and_in_the_link(visit):
    app = visit("anatomy", part="families", family="cnn")
    before = whole(app, 1)
    control(app, "slider", "example").set_value(7).run()
    assert app.query_params["example"] == "7"
    assert not whole(app, 1).equals(before)
    assert "says **7** with" in texts(app)


def test_the_sentence_comes_out_in_reverse(visit):
    shown = texts(visit("anatomy", part="families", family="transformer", example="6"))
    sentence = report.SENTENCES[6]
    assert f"“{sentence}”" in shown
    assert f"says “{' '.join(reversed(sentence.split()))}”" in shown


@pytest.mark.parametrize(("part", "setup"), [(part, setup) for part in ("net", "families")
                                             for setup in SETUPS[f"anatomy {part}"]],
                         ids=lambda value: getattr(value, "label", value))
def test_a_set_up_opens_as_it_says(visit, part, setup):
    app = visit("anatomy", part=part)
    set_up(app, setup.label)
    assert setup.look in every_text(app, "anatomy")
    assert app.session_state["link"].spec == (setup.spec or report.OPENS)
    assert setup.own.items() <= app.session_state["link"].own.items()


def test_all_counts_of_the_source_stand_in_one_table(visit):
    app = visit("anatomy", part="counts")
    table = tables(app)[0]
    assert list(table["Question"]) == list(SOURCE_MODELS)
    shown = " ".join(table["Parameters"]) + " ".join(table["Layer by layer"])
    for number in ("4,097", "9,697", "192 not trained", "9,729", "1,408 + 8,256 + 65"):
        assert number in shown
    assert "tensorboard --logdir=./logs" in every_text(app, "anatomy")
    assert "plot_model" in opened(app, "anatomy", "In Keras").code[-1].value


def test_the_keras_file_prints_the_counts_of_the_page(keras_output):
    printed = keras_output("p11_structure")
    for row in rows(SOURCE_MODELS["P9, P11"].layers)[1:]:
        assert f"{row.arithmetic} = {row.parameters:,}" in printed
    assert "all parameters: 9,729" in printed
    assert re.search(r"wrote \./logs; now run: tensorboard|no log: pip install tensorboard", printed)
    assert re.search(r"wrote model\.png|no diagram: pip install pydot", printed)


@pytest.mark.parametrize(("query", "said"), [
    ({"part": "everything"}, "part must be one of net, families, counts"),
    ({"part": "families", "family": "gru"}, "family must be one of feed_forward, cnn"),
    ({"part": "families", "example": "99"}, "example must be a whole number from 0 to 9. Received: 99. Taken as 9."),
    ({"part": "families", "example": "nan"}, "Taken as 3."),
    ({"widths": "0"}, "widths must be"),
    ({"widths": "4x99"}, "widths must be"),
    ({"family": "x" * 100_000}, "100000 characters long (at most 600); left out."),
])
def test_an_odd_link_opens_the_nearest_and_says_so(visit, query, said):
    app = visit("anatomy", **query)
    every_text(app, "anatomy")
    notes = "\n".join(warning.value for warning in app.warning)
    assert said in notes
    assert len(notes) < 1000


@pytest.mark.parametrize("spec", [
    RunSpec(dataset="sine", widths=(4,)), RunSpec(dataset="digits", widths=(20,)), RunSpec(),
    RunSpec(dataset="xor", samples=4, noise=0.0, test_fraction=0.0, widths=(512,))], ids=lambda spec: spec.dataset)
def test_any_run_opens(visit, spec):
    every_text(visit("anatomy", **spec.to_query()), "anatomy")

"""A table of one's own on a page: given, learned from, and shown to nobody who has not given it."""

from collections import OrderedDict

import numpy as np
import pytest

from core import datasets
from core.own_data import TABLES, Choice, fingerprint, give, prepare, read
from core.runs import RUNS
from pages.ui import views
from tests.pages.reading import begun, ended, every_text, named, parts, plays, runs, texts
from tests.tiers import only_nightly

ROWS = np.random.default_rng(0).normal(size=(80, 2)).round(3)
CONTENT = ("girth;heft;kind\n" + "\n".join(f"{a};{b};{'in' if a * b > 0 else 'out'}" for a, b in ROWS)).encode()
TABLE = read(CONTENT)
KIND = fingerprint(TABLE, Choice(2, "classes"))
QUERY = {"dataset": "own", "widths": "8", "steps": "12", "v": "1"}


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch):
    for store in (datasets._given, TABLES):
        monkeypatch.setattr(store, "_kept", OrderedDict())


def in_data(app):
    """The Data group of the controls is open."""
    app.session_state["controls_gradients"] = "Data"
    return app.run()


def uploaded(app, content: bytes = CONTENT, name: str = "mine.csv"):
    app.file_uploader[0].set_value((name, content, "text/csv"))
    return app.run()


def test_a_table_is_given_and_learned_from(visit, tensorflow):
    app = in_data(visit("gradients", **QUERY))
    assert "two moons" not in texts(app)
    app = uploaded(app)
    assert "80 rows, 2 inputs, and 2 classes to predict" in texts(app)
    app.button(key="own_learn").click().run()
    assert app.query_params["table"] in (KIND, [KIND])
    (run,) = runs(ended(begun(app)))
    assert run.spec.table == KIND
    assert run.spec.sizes == (2, 8, 1)
    assert app.button(key="own_learn").disabled


def test_the_file_is_let_go_once_it_is_read(visit):
    app = uploaded(in_data(visit("gradients", **QUERY)))
    assert not app.file_uploader[0].value


def test_another_column_may_be_predicted(visit):
    app = uploaded(in_data(visit("gradients", **QUERY)))
    app.selectbox(key=f"own_target_{TABLE.digest}").set_value(0).run()
    app.button(key="own_learn").click().run()
    assert app.query_params["table"] in (number := fingerprint(TABLE, Choice(0, "numbers")), [number])


@pytest.mark.parametrize(("content", "said"), [(b"\0" * 50, "not text"), (b"", "empty"), (b"a,b\n1,2\n", "20 rows")])
def test_a_bad_file_is_a_sentence_and_costs_nothing(visit, content, said):
    app = uploaded(in_data(visit("gradients", **QUERY)), content)
    assert any(said in error.value for error in app.error)
    assert len(TABLES) == 0
    assert uploaded(app).error == []


def test_nobody_who_has_not_given_it_is_shown_a_run_of_it(visit, tensorflow):
    give(prepare(TABLE, Choice(2, "classes")))  # by another viewer, who trains on it
    other = in_data(visit("gradients", **QUERY | {"table": KIND}))
    assert any("a table that you have not given" in warning.value for warning in other.warning)
    assert "girth" not in texts(other)
    assert all(run.spec.table == "" for run in RUNS._runs.values())
    other = uploaded(other)
    other.button(key="own_learn").click().run()
    assert not any("not given" in warning.value for warning in other.warning)
    assert runs(ended(begun(other)))[0].spec.table == KIND


def test_with_the_table_its_runs_and_pictures_go(visit, tensorflow):
    app = uploaded(in_data(visit("gradients", **QUERY)))
    app.button(key="own_learn").click().run()
    texts(ended(begun(app)))
    assert any(spec.table == KIND for key in views._made for spec in views._specs_of(key))
    assert any(spec.table == KIND for spec in RUNS._runs)
    kept = datasets._given._kept
    kept[KIND] = (*kept[KIND][:2], 0.0)  # its time is over
    datasets._given.sweep()
    assert not any(spec.table == KIND for key in views._made for spec in views._specs_of(key))
    assert not any(spec.table == KIND for spec in RUNS._runs)
    again = app.run()
    assert any("not here any more" in warning.value for warning in again.warning)
    assert "two moons" in " ".join(warning.value for warning in again.warning)


def test_the_table_of_a_link_is_known_again_with_its_choice(visit):
    number = fingerprint(TABLE, Choice(1, "numbers"))
    app = uploaded(in_data(visit("gradients", **QUERY | {"table": number})))
    assert app.selectbox(key=f"own_target_{TABLE.digest}").value == 1
    app.button(key="own_learn").click().run()
    assert app.query_params["table"] in (number, [number])


def test_an_earlier_run_on_anothers_table_is_left_out(visit):
    give(prepare(TABLE, Choice(2, "classes")))
    app = visit("gradients", **{"widths": "8", "v": "1", "rungs": f"dataset=own&table={KIND}"})
    assert any("An earlier run is left out" in warning.value for warning in app.warning)


@pytest.mark.parametrize("choice", [Choice(2, "classes"), Choice(0, "numbers")], ids=lambda choice: choice.kind)
@pytest.mark.parametrize(("page", "part"), only_nightly(parts(), but=list(parts())[::4]), ids=named)
def test_every_page_draws_it(visit, tensorflow, page, part, choice):
    table = give(prepare(TABLE, choice))
    app = visit("home")
    app.session_state["held_tables"] = {table}
    app.switch_page(f"pages/{page}.py")
    app.query_params.update(QUERY | {"table": table} | part)
    app.run()
    texts(app)
    if plays(app):
        texts(ended(begun(app)))
    if page == "gradients":
        every_text(app, page)

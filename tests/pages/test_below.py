"""The tabs under the stage of every page: one is open, and of the others there is nothing until they are opened."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
import streamlit as st

from pages.ui.course import LESSONS
from tests.pages.reading import bar, named, opened, parts, played, plays, rest, tabs, texts, viewer
from tests.tiers import only_nightly

PARTS = [(page, part) for page, part in parts() if page not in ("home", "questions")]


@pytest.mark.parametrize(("page", "part"), only_nightly(PARTS, but=PARTS[::4]), ids=named)
def test_only_the_open_tab_is_in_the_page(visit, tensorflow, page, part):
    app = visit(page, **part)
    first, *others = tabs(app, f"below_{page}")
    assert first == "Why"
    assert [tab for tab, drawn in tabs(app, f"below_{page}").items() if drawn.children] == [first]
    shown, on_stage = [texts(app)], len(app.dataframe)
    for tab in [*others, first]:
        shown.append(texts(opened(app, page, tab)))
        assert any("keras" in code.value for code in app.code) == ("Keras" in tab), tab
        assert len(app.dataframe) == on_stage + (tab == "Data"), tab
        assert shown[-1] != shown[-2], tab
    assert shown[-1] == shown[0]


PACKED = {"since", "until", "values", "kinds", "segments", "labels", "codes", "weights"}  # columns of all moments


# Counts are no chart, and of a network of one's own there is none before it is brought.
WITH_NUMBERS = [one for one in PARTS if one != ("anatomy", {"part": "counts"}) and one[0] != "own_network"]


@pytest.mark.parametrize(("page", "part"), WITH_NUMBERS, ids=named)
def test_the_numbers_behind_every_chart_are_those_of_the_moment(visit, tensorflow, page, part):
    app = visit(page, **part)
    moments = [0]
    if plays(app):
        moments = [0, bar(played(app))["known"] // 2, bar(app)["known"] - 1]
    opened(app, page, "Data")
    found = []
    for moment in moments:
        viewer(app).at = moment
        app.run()
        found.append({})
        for chart in app.button_group(key=f"table_{page}").options:
            texts(app.button_group(key=f"table_{page}").set_value(chart).run())
            found[-1][chart] = table = app.dataframe[-1].value
            assert not PACKED & set(table), chart
            assert all(len(str(cell)) < 60 for cell in table.to_numpy().ravel()), chart  # no more than a number each
    assert len(moments) == 1 or any(not found[0][chart].equals(found[-1][chart]) for chart in found[0])


@pytest.mark.parametrize("page", ["gradients", "backprop", "initializers", "curves"])
def test_a_file_of_numbers_has_what_the_table_has(visit, monkeypatch, page):
    """Streamlit writes it when it is asked for, in a thread that knows no session."""
    files = {}
    monkeypatch.setattr(st, "download_button", lambda label, write, *args, **options: files.update({label: write}))
    app = rest(opened(played(visit(page)), page, "Data"), 9)
    for chart in app.button_group(key=f"table_{page}").options:
        app.button_group(key=f"table_{page}").set_value(chart).run()
        with ThreadPoolExecutor(1) as thread:
            written = thread.submit(files[f"{chart}.csv"]).result()
        assert written == app.dataframe[-1].value.to_csv(index=False)


@pytest.mark.parametrize(("page", "query", "first"), [
    ("activations", {"part": "deep"}, "Sigmoid"), ("activations", {"part": "layers"}, "seed\N{NO-BREAK SPACE}0"),
    ("losses", {"show": "mistake"}, "MSE"), ("losses", {"show": "formula"}, "Function and class"),
    ("optimizers", {"show": "network"}, "Plain GD"),
    ("initializers", {"kernel": "he_normal"}, "He normal"),
    ("initializers", {"show": "units", "kernel": "ones"}, "Ones")], ids=str)
def test_one_of_several_scripts_is_shown(visit, page, query, first):
    app = opened(visit(page, **query), page, "In Keras")
    choice, = [box for box in app.selectbox if box.label == "Script of"]
    assert choice.value == first
    seen = []
    for script in choice.options:
        app.selectbox(key=choice.key).set_value(script).run()
        texts(app)
        seen.append([code.value for code in app.code])
    assert all(len(codes) == len(seen[0]) for codes in seen)
    assert len({codes[-1] for codes in seen}) == len(choice.options)


@pytest.mark.parametrize(("page", "query", "tab"), [
    ("gradients", {}, "In Keras"), ("optimizers", {"show": "network"}, "In Keras"),
    ("curves", {}, "This run in Keras")])
def test_a_run_is_saved_as_a_notebook_too(visit, monkeypatch, page, query, tab):
    files = {}
    monkeypatch.setattr(st, "download_button", lambda label, write, *args, **options: files.update({label: write}))
    app = opened(visit(page, **query), page, tab)
    texts(app)
    written = json.loads(files["Save as a notebook"]())
    first = "".join(written["cells"][0]["source"])
    assert first.startswith(f"# {LESSONS[page].question}")
    assert "v=1" in first.partition("played: <")[2].partition(">")[0].split("&")[-1] or "v=1&" in first
    code = ["".join(cell["source"]).strip() for cell in written["cells"] if cell["cell_type"] == "code"]
    assert all(part in app.code[-1].value for part in code[:3])


def test_a_script_that_is_no_run_is_no_notebook(visit, monkeypatch):
    files = {}
    monkeypatch.setattr(st, "download_button", lambda label, write, *args, **options: files.update({label: write}))
    texts(opened(visit("backprop"), "backprop", "In Keras"))
    assert "Save as a file" in files
    assert "Save as a notebook" not in files

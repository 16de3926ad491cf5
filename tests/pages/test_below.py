"""The tabs under the stage of every page: one is open, and of the others there is nothing until they are opened."""

import pytest

from pages import ui
from tests.pages.reading import opened, tabs, texts

PARTS = {
    "perceptron": ("show", "rule", "hidden"), "anatomy": ("part", "net", "families", "counts"),
    "activations": ("part", "curves", "deep", "layers", "softmax", "linear"),
    "losses": ("show", "curves", "outlier", "mistake", "formula"), "backprop": ("", ""), "gradients": ("", ""),
    "initializers": ("show", "compare", "kernel", "units"),
    "optimizers": ("show", "surface", "network", "rates", "batches"),
    "regularization": ("part", "dropout", "batch_norm"), "curves": ("", "")}
WITHOUT = {"home", "questions"}


def test_every_page_is_here():
    assert set(PARTS) == set(ui.LESSONS) - WITHOUT


@pytest.mark.parametrize(("page", "parameter", "part"), [
    (page, parameter, part) for page, (parameter, *parts) in PARTS.items() for part in parts])
def test_only_the_open_tab_is_in_the_page(visit, tensorflow, page, parameter, part):
    app = visit(page, **({parameter: part} if part else {}))
    first, *others = tabs(app, page)
    assert first == "Why"
    assert [tab for tab, drawn in tabs(app, page).items() if drawn.children] == [first]
    shown, on_stage = [texts(app)], len(app.dataframe)
    for tab in [*others, first]:
        shown.append(texts(opened(app, page, tab)))
        assert any("keras" in code.value for code in app.code) == ("Keras" in tab), tab
        assert len(app.dataframe) == on_stage + (tab == "Data"), tab
        assert shown[-1] != shown[-2], tab
    assert shown[-1] == shown[0]


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

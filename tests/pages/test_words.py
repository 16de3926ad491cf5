"""The words of the glossary in the prose of pages: which are marked where, and that no sign stands unexplained."""

import json
import re

import pytest

from pages.ui.glossary import glossary, words
from pages.ui.text import sections
from pages.ui.words import SIGNS, marked, pattern
from tests.pages.reading import bar, named, parts, plays, texts


def terms(text: str) -> set[str]:
    return {mark["term"] for mark in marked(text)}


@pytest.mark.parametrize(("text", "found"), [
    ("A layer has units.", {"Layer", "Unit"}),
    ("GRADIENT descent takes steps.", {"Gradient descent", "Step"}),
    ("Gradient descent follows the gradient.", {"Gradient descent", "Gradient"}),
    ("Biases and classes, batch norm", {"Bias", "Class", "Batch norm"}),
    ("Multilayer, players, lossless, step-by-step", set()),
    ("`loss` and [layer](x) and $loss$", set()),
    (r"$\partial L / \partial z$ and $$\delta_j$$", {"Partial derivative, ∂", "Delta, δ"}),
    (r"$\sigma(z)$, $\mathbb E[x]$", {"Sigma, σ", "Expectation, E[·]"}),
    (r"$\mathbb{E}$ and σ", {"Sigma, σ", "Expectation, E[·]"}),
    (r"$\sigmoid$, E[x]", set()),
])
def test_a_term_is_found_in_all_its_forms_and_not_inside_of_another(text, found):
    assert terms(text) == found


def test_what_the_browser_looks_for_is_the_term():
    assert all(re.fullmatch(pattern(word.term), word.term) for word in words())
    assert {word.sign for word in words()} - {""} == set(SIGNS)


def test_most_of_the_glossary_stands_marked_somewhere():
    everywhere = {term for page in ("perceptron", "backprop", "anatomy", "activations", "losses", "gradients",
                                    "initializers", "optimizers", "regularization", "curves", "home")
                  for text in sections(page).values() for term in terms(text)}
    assert len(everywhere) > 0.85 * len(glossary())


@pytest.mark.parametrize(("page", "part"), [one for one in parts() if one[0] != "questions"], ids=named)
def test_no_sign_stands_on_a_page_that_does_not_explain_it(visit, tensorflow, page, part):
    """In what is said at any moment, tables, formulas and charts: the prose that is open beside them marks it."""
    app = visit(page, **part)
    components = [json.loads(one.proto.json or "{}") for one in app.get("bidi_component")]
    explained = {mark["sign"] for data in components for mark in data.get("words", []) if "sign" in mark}
    stands = "\n".join([
        texts(app), *(one.value for one in app.latex), *(one.value.to_string() for one in app.table),
        *(json.dumps(data, ensure_ascii=False) for data in components if "words" not in data),
        *(one.proto.spec + one.proto.alt for one in app.get("vega_lite_chart")),
        *(bar(app)["labels"] if plays(app) else [])])
    missing = {sign for sign, form in SIGNS.items() if re.search(form, stands)} - explained
    assert not missing

"""The start page as its visitors get it: a finished result, the way to every page, and what deep buys."""

from core.runs import RUNS
from core.shipped.opening_runs import DEEP, SHALLOW, SPECS
from core.spec import RunSpec
from pages import ui
from tests.pages.reading import bar, ended, moments, runs, shows, texts


def test_it_opens_with_a_finished_run_and_its_verdict(visit):
    app = visit("home")
    assert "Layer 1 gets almost no learning signal" in texts(app)
    shown = texts(ended(app))
    assert "Vanishing" in shown
    assert shows(app, "Gradient, logarithmic axis", "Accuracy, share of training examples")
    assert {RunSpec(), SHALLOW, DEEP} <= set(SPECS)


def test_alone_it_hands_over_to_the_router(alone):
    assert not alone("home").exception


def test_the_course_map_has_every_page_in_order(visit):
    app = visit("home")
    *linked, following = [link.proto.page for link in app.get("page_link")
                          if "lecture=" not in link.proto.query_string]
    assert following == "perceptron"  # at the foot
    pages = [name for name in ui.LESSONS if name != "home"]
    assert linked[-len(pages):] == pages
    assert linked[:-len(pages)] == ["perceptron", "own_network", "questions"]  # where to begin
    captions = [caption.value for caption in app.caption]
    assert [one for one in captions if one in {lesson.question for lesson in ui.LESSONS.values()}] == [
        ui.LESSONS[name].question for name in pages]


def test_the_rings_stand_inside_each_other(visit):
    shown = texts(visit("home"))
    places = [shown.index(f"**{name}**") for name in ("Artificial intelligence", "Machine learning", "Deep learning")]
    assert places == sorted(places)


def test_depth_is_compared_at_equal_numbers_of_parameters(visit):
    app = ended(visit("home"))
    assert "**100%** with 4 layers; 881 parameters each." in texts(app)
    assert "**100%** with 4 layers; 881 parameters each." in moments(app, "depths")[-1]


def test_a_link_to_another_run_shows_that_run(visit):
    app = visit("home", activation="relu", seed="3")
    texts(app)
    assert app.session_state["link"].spec == RunSpec(activation="relu", seed=3)
    run, *depths = runs(app, RunSpec(activation="relu", seed=3), SHALLOW, DEEP)
    assert not run.shipped
    assert all(one.shipped for one in depths)


def test_what_is_shown_of_another_run_is_trained_here_beside_the_shipped_ones(visit, tensorflow):
    spec = RunSpec(activation="relu", widths=(8,) * 3, steps=20)
    app = ended(visit("home", **spec.to_query()))
    assert runs(app)[0].history[-1].step == 20
    assert list(RUNS._runs) == [spec]
    assert bar(app)["came"] == ""

"""What strangers put into a link, and what goes wrong inside: a sentence, never a traceback, and the app goes on."""

import urllib.error
import urllib.request

import pytest

from pages.ui.course import LESSONS
from tests.e2e.conftest import wait_for
from tests.e2e.laboratory import CHARTS, WITHOUT_CHART, address, player, shown_step, values
from tests.e2e.server import APPS, Server, serve
from tests.e2e.viewer import Viewer, crowd

# page, parameters, and what its sentences must say: the argument, what is allowed, and what was made of it
LINKS = [
    ("home", "widths=nonsense&foo=1", ["widths must be", "'foo'"]),
    ("home", "seed=nan&steps=-4", ["seed must be", "steps must be", "Received: -4"]),
    ("gradients", "activation=nonsense", ["activation must be one of linear, sigmoid, tanh", "'nonsense'"]),
    ("gradients", "learning_rate=nan&gain=inf", ["learning_rate must be", "gain must be"]),
    ("gradients", "widths=5000x5000&steps=1e99", ["widths must be", "Taken as", "steps must be"]),
    ("gradients", "widths=8,8,8&activation=relu,tanh", ["activation has 2 entries for 3 hidden layers"]),
    ("gradients", "widths=8,8,8&batch_norm=true,false", ["batch_norm has 2 entries for 3 hidden layers"]),
    ("gradients", "dataset=<script>alert(1)</script>", ["dataset must be one of"]),
    ("gradients", "loss=hinge&dataset=sine", ["loss"]),
    ("gradients", "v=99", ["v (the version of the link)"]),
    ("gradients", "activation=" + "x" * 400_000, ["activation in the link is 400000 characters long"]),
    ("gradients", "widths=" + "9," * 100_000, ["widths in the link is 200000 characters long"]),
    ("activations", "part=nothing&z=nan", ["part must be one of curves", "z must be a number from -5 to 5"]),
    ("activations", "show=relu,foo&z1=1e400", ["'foo'. Left out", "z1 must be a number"]),
    ("activations", "show=" + "relu,foo," * 40_000, ["show in the link is 360000 characters long"]),
    ("losses", "show=zzz&over=qq", ["show must be one of curves", "over must be one of number"]),
    ("losses", "show=outlier&place=nan&distance=1e9", ["place must be a number", "distance must be a number", "15"]),
    ("losses", "show=" + "x" * 400_000, ["show in the link is 400000 characters long"]),
    ("perceptron", "rate=nan&epochs=1e9&points=0,0,zebra", ["rate must be a number", "epochs must be"]),
    ("backprop", "x1=inf&f=nothing&rate=-3", ["x1 must be a number", "f must be one of", "rate must be"]),
    ("anatomy", "part=q&family=robot&example=99", ["part must be one of net", "family must be one of", "example must"]),
    ("optimizers", "show=zzz&rate=nan", ["show must be one of"]),
    ("regularization", "part=q&seeds=1000&passes=0", ["part must be one of", "seeds must be", "passes must be"]),
    ("curves", "patience=x&dropout=7", ["patience must be", "dropout must be"]),
    ("losses", "show=formula&formula=__import__('os').system('ls')", ["At position 12", "is not understood"]),
    ("questions", "kind=what&find=" + "x" * 2000, ["kind must be one of all, T, P", "find in the link is 2000 char"]),
    ("initializers", "kernel=foo&show=what", ["kernel must be one of zeros", "show must be one of"]),
    ("initializers", "fan_in=1e9&after=-7", ["fan_in must be a whole number from 2 to 512", "after must be"]),
    ("initializers", "kernel=" + "x" * 400_000, ["kernel in the link is 400000 characters long"]),
    ("gradients", "step=-3", ["step must be a whole number of at least 0", "'-3'. Taken as 0"]),
    ("optimizers", "step=1e9&show=surface", ["step must be a whole number", "'1e9'"]),
]


def seen(server: Server, name: str, query: str) -> tuple[Viewer, str]:
    """A viewer who has opened that link, and what the page warns of."""
    async def visit() -> Viewer:
        async with Viewer(server.url, address(name, query)) as viewer:
            await viewer.settled(120)
            return viewer

    viewer = crowd(visit)
    return viewer, "\n".join(node.proto.body for node in viewer.nodes.values() if node.kind == "alert")


@pytest.mark.parametrize(("name", "query", "sentences"), LINKS, ids=lambda value: str(value)[:40])
def test_a_page_opens_and_says_what_it_changed(app, name, query, sentences):
    viewer, warned = seen(app, name, query)
    said = "\n".join(viewer.texts())
    assert [sentence for sentence in sentences if sentence not in said] == []
    assert len(warned) < 3000
    assert viewer.failures == []
    assert viewer.texts(LESSONS[name].question)
    assert viewer.charts() or name in WITHOUT_CHART or "formula=" in query  # there is no curve of a typo


@pytest.mark.parametrize("name", LESSONS)
def test_what_streamlit_itself_drops_opens_the_page_as_it_is(app, name):
    """More than half a million characters, or a thousand parameters, never reach the app: Streamlit takes them away."""
    for query in ("activation=" + "x" * 2_000_000, "&".join(f"a{number}=1" for number in range(5000))):
        viewer, warned = seen(app, name, query)
        assert (viewer.failures, warned) == ([], "")
        assert viewer.texts(LESSONS[name].question)
        assert viewer.charts() or name in WITHOUT_CHART


def test_the_longest_link_that_a_browser_gets_through(app, open_tab):
    page = open_tab(app.url + "/gradients?widths=8x7&activation=" + "x" * 60_000)
    page.get_by_text("activation in the link is 60000 characters long").wait_for()
    assert values(page, "gradients_depth") == ["7"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1440


def test_a_longer_one_is_refused_at_the_door_and_the_server_goes_on(app):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{app.url}/gradients?activation={'x' * 1_000_000}", timeout=60)
    assert refused.value.code == 400
    refused.value.close()
    assert seen(app, "gradients", "")[0].charts()


@pytest.mark.parametrize(("name", "step", "last"), [("gradients", "999999999", 300), ("optimizers", "500", 100)])
def test_a_step_after_the_last_one_is_the_last_one(app, open_tab, name, step, last):
    page = open_tab(app.url + address(name, f"step={step}"))
    wait_for(page, lambda: shown_step(page) == (last, last), 60)
    assert player(page, "Play").count() == 1


@pytest.fixture(scope="module")
def broken():
    with serve(APPS / "broken.py") as server:
        yield server


@pytest.mark.parametrize(("seed", "detail"), [(13, "thirteen must not be asked for."), (14, "")])
def test_an_error_inside_a_page_is_a_sentence_and_there_is_a_way_back(broken, open_tab, seed, detail):
    page = open_tab(f"{broken.url}/gradients?seed={seed}")
    page.get_by_text(f"This experiment could not be shown. {detail}").first.wait_for()
    assert page.locator('[data-testid="stException"]').count() == 0
    shown = page.locator('[data-testid="stApp"]').inner_text()
    for secret in ("Traceback", "secret detail", ".py", "RuntimeError", "ValueError"):
        assert secret not in shown
    assert page.get_by_role("link", name="Losses").first.is_visible()
    page.get_by_role("button", name="Start this page afresh").first.click()
    wait_for(page, lambda: page.get_by_text("This experiment could not be shown").count() == 0, 90)
    page.locator(CHARTS).nth(1).wait_for()  # the first chart comes first, the others a second later
    assert "Traceback" in broken.log()

"""A run on the Gradients page in Chromium: it comes in parts, is played in the browser, and does what the bar says."""

from __future__ import annotations

import time

import pytest

from core.spec import RunSpec
from core.training import recorded_steps, train
from tests.e2e.conftest import PHONE, settled, wait_for
from tests.e2e.laboratory import (
    BAR,
    CHARTS,
    FACTORS,
    GRADIENT,
    PLAYED,
    SATURATED,
    SPREAD,
    Watch,
    address,
    at_rest,
    depth_drawn,
    ended,
    moment,
    opened,
    paused,
    picture,
    player,
    plays,
    said,
    scrubber,
    setup,
    shared,
    shown_step,
    waits_for,
)
from tests.e2e.server import Server
from tests.e2e.viewer import Viewer, crowd

LONG = "/gradients?v=1&widths=64x50&activation=tanh&batch_size=16&steps=20000"  # half a minute of training and more
STEPS = recorded_steps(300)


TALL = (1280, 3600)  # all charts are in sight


def run(seed: int, more: str = "") -> str:
    """A run of ten layers that nobody has trained."""
    return f"/gradients?v=1&widths=16x10&activation=tanh&seed={seed}{more}"


def test_every_chart_moves_and_none_is_rebuilt_between_parts(app, open_tab):
    page = opened(open_tab, app.url + run(1), TALL)
    before = said(page)
    with Watch(page) as watch:
        player(page, "Play").click()
        plays(page)
        at_rest(page)
        settled(page)
        moved = [len(watch.pictures(chart)) for chart in range(page.locator(CHARTS).count())]
        assert len(moved) == 8
        assert moved.pop(FACTORS) == 0
        assert min(moved) >= 10
        assert watch.rebuilt() == []
    assert shown_step(page) == (300, 300)
    assert said(page) != before
    assert len(open_tab.traffic[page].events("more")) >= 2  # it did come in parts


def test_a_chart_that_nobody_sees_rests_and_stands_at_the_head_when_it_comes_into_sight(app, open_tab):
    page = opened(open_tab, app.url + run(4))
    last = page.locator(CHARTS).count() - 1
    with Watch(page) as watch:
        player(page, "Play").click()
        plays(page, further_than=60)
        assert len(watch.pictures(GRADIENT)) >= 10
        assert watch.pictures(last) == []
        page.locator(CHARTS).nth(last).scroll_into_view_if_needed()
        wait_for(page, lambda: len(watch.pictures(last)) >= 5)
        player(page, "Pause").click()
        page.locator(CHARTS).nth(GRADIENT).scroll_into_view_if_needed()
        seen = picture(page, last)
        player(page, "Reset").click()
        at_rest(page)
        wait_for(page, lambda: picture(page, last) != seen)


def test_a_bar_of_the_activations_is_one_standard_deviation_to_either_side(app, open_tab):
    page = opened(open_tab, app.url + run(1), TALL)
    start = next(train(RunSpec(widths=(16,) * 10, activation="tanh", seed=1))).layers
    bars, points, labels = page.locator(CHARTS).nth(SPREAD).evaluate("""chart => {
        const middle = node => { const {top, bottom} = node.getBoundingClientRect(); return (top + bottom) / 2; };
        const bars = [...chart.querySelectorAll('.mark-rule [aria-roledescription], .mark-rule line')]
            .map(bar => bar.getBoundingClientRect()).filter(({height, width}) => width < 12)
            .map(({top, bottom}) => [top, bottom]);
        const points = [...chart.querySelectorAll('.mark-symbol path')].map(middle);
        return [bars, points, [...chart.querySelectorAll('.role-axis-label text')].map(
            label => [label.textContent, middle(label)])];
    }""")
    labels = {float(text.replace("−", "-")): place
              for text, place in labels if place != labels[0][1]}  # of the y axis: those of the x axis stand first
    zero, unit = labels[0], labels[0.25] - labels[0]
    place = [zero + (mean + side * std) * 4 * unit
             for mean, std in zip(start.activation_mean, start.activation_std, strict=True) for side in (1, 0, -1)]
    drawn = [edge for (top, bottom), point in zip(bars, points, strict=True) for edge in (top, point, bottom)]
    assert drawn == pytest.approx(place, abs=0.6)  # px


@pytest.mark.parametrize(("name", "part"), PLAYED, ids=map(" ".join, PLAYED))
def test_the_charts_of_every_page_that_plays_move_and_so_do_its_words(app, open_tab, name, part):
    page = opened(open_tab, app.url + address(name, part), TALL)
    charts = range(page.locator(CHARTS).count())
    words = page.locator(".st-key-verdict :is(.now, [data-testid=stMarkdownContainer])").first
    before = words.inner_text()
    with Watch(page) as watch:
        player(page, "Play").click()
        wait_for(page, lambda: max(len(watch.pictures(chart)) for chart in charts) >= 5, 60)
        player(page, "Pause").click()
        at_rest(page)
        assert watch.rebuilt() == []
    wait_for(page, lambda: words.inner_text() != before)


def test_what_only_the_server_can_draw_follows_when_the_head_rests(app, open_tab):
    page = opened(open_tab, app.url + address("perceptron", "show=hidden"))
    table = page.get_by_test_id("stTable").first
    before = table.inner_text()
    player(page, "To the end").click()
    wait_for(page, lambda: table.inner_text().count("✓") == 4)
    player(page, "Reset").click()
    wait_for(page, lambda: table.inner_text() == before)


def test_step_goes_from_one_recorded_step_to_the_next_and_every_chart_with_it(app, open_tab):
    page = opened(open_tab, app.url + run(2), TALL)
    charts = [chart for chart in range(8) if chart not in (FACTORS, SATURATED)]  # no unit is at first
    for step in (1, 2, 3):
        before = {chart: picture(page, chart) for chart in charts}
        player(page, "Step").click()
        wait_for(page, lambda step=step: shown_step(page) == (step, 300))
        settled(page)
        assert moment(page) == step
        assert [chart for chart in charts if picture(page, chart) == before[chart]] == []
        assert player(page, "Play").count() == 1  # it plays no more than it did
    player(page, "Reset").click()
    wait_for(page, lambda: shown_step(page) == (0, 300))
    assert moment(page) == 0


def test_to_the_end_goes_there_as_soon_as_it_can_and_does_not_play(app, open_tab):
    page = opened(open_tab, app.url + run(3))
    first = picture(page)
    player(page, "To the end").click()
    wait_for(page, lambda: shown_step(page) == (300, 300), 60)
    assert moment(page) == len(STEPS) - 1
    assert player(page, "Play").count() == 1
    assert picture(page) != first
    player(page, "Play").click()  # from the end it plays from the beginning
    wait_for(page, lambda: shown_step(page)[0] < 200)
    plays(page)
    at_rest(page)
    assert shown_step(page) == (300, 300)


def test_fifty_layers_show_their_first_step_before_their_trace_is_there(app, open_tab):
    page = opened(open_tab, app.url + "/gradients?seed=4")
    setup(page, "ReLU with He, 50 layers").click()
    wait_for(page, lambda: depth_drawn(page) == 50)
    assert shown_step(page)[0] == 0
    wait_for(page, lambda: "preparing this architecture" in waits_for(page))
    plays(page)


def test_pause_stops_it_where_it_is_and_play_goes_on(app, open_tab):
    page = opened(open_tab, app.url + LONG + "&seed=5")
    player(page, "Play").click()
    plays(page, further_than=3)
    player(page, "Pause").click()
    at_rest(page)
    step = shown_step(page)
    settled(page)
    with Watch(page) as watch:
        asked = len(open_tab.traffic[page].events("more"))
        page.wait_for_timeout(1500)
        assert watch.pictures(GRADIENT) == []
        assert len(open_tab.traffic[page].events("more")) == asked
    assert shown_step(page) == step
    player(page, "Play").click()
    plays(page, further_than=step[0])


def test_the_scrubber_redraws_while_it_is_dragged(app, open_tab):
    page = ended(opened(open_tab, app.url + run(6)))
    box = scrubber(page).bounding_box()
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] - 8, height)
    page.mouse.down()
    seen = {picture(page)}
    for share in (0.8, 0.6, 0.4, 0.2):
        page.mouse.move(box["x"] + share * box["width"], height)
        wait_for(page, lambda share=share: abs(moment(page) / (len(STEPS) - 1) - share) < 0.05)
        wait_for(page, lambda: picture(page) not in seen)
        seen.add(picture(page))
        assert shown_step(page)[0] == STEPS[moment(page)]
    page.mouse.up()
    assert shown_step(page)[0] == STEPS[moment(page)]
    assert player(page, "Play").count() == 1


@pytest.mark.parametrize("trained", [False, True], ids=["new", "trained"])
def test_a_link_opens_at_its_step_and_share_has_the_step_that_is_shown(app, open_tab, trained):
    path = run(7 + trained)
    if trained:
        ended(opened(open_tab, app.url + path))
    at, other = STEPS[100], STEPS[150]
    page = opened(open_tab, f"{app.url}{path}&step={at}")
    wait_for(page, lambda: shown_step(page) == (at, 300), 60)
    assert player(page, "Play").count() == 1
    settled(page)
    assert shared(page).endswith(f"&step={at}")
    scrubber(page).focus()
    for _ in range(50):
        page.keyboard.press("ArrowRight")
    wait_for(page, lambda: shown_step(page)[0] == other, 60)
    page.wait_for_timeout(400)  # the server hears of it once the head has rested
    settled(page)
    link = shared(page)
    assert link.endswith(f"&step={other}")
    drawn = picture(page)
    again = opened(open_tab, link)
    wait_for(again, lambda: shown_step(again) == (other, 300), 60)
    settled(again)
    assert picture(again) == drawn


def test_the_bar_is_played_by_keyboard_alone(app, open_tab):
    page = opened(open_tab, app.url + run(9))
    focused = "document.activeElement.shadowRoot?.activeElement"
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate(f"{focused}?.className") == "reset":
            break
    names = []
    for _ in range(6):
        assert page.evaluate(f"{focused}.matches(':focus-visible')")
        names.append(page.evaluate(f"{focused}.ariaLabel ?? {focused}.innerText.trim()"))
        page.keyboard.press("Tab")
    assert names == ["Reset", "Play", "Step", "Recorded step", "To the end", "Speed"]

    player(page, "Play").focus()
    page.keyboard.press("Space")
    plays(page, further_than=5)
    page.keyboard.press("Enter")
    at_rest(page)
    step = moment(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for(page, lambda: moment(page) == step + 1)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    wait_for(page, lambda: moment(page) == step + 2)
    assert scrubber(page).get_attribute("aria-valuetext") == f"step {STEPS[step + 2]} of 300"
    page.keyboard.press("Home")
    wait_for(page, lambda: moment(page) == 0)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_for(page, lambda: shown_step(page) == (300, 300), 60)
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.locator(BAR).get_by_role("combobox", name="Speed").input_value() == "4"


def test_speed_changes_how_fast_it_plays_and_not_where_it_is(app, open_tab):
    page = ended(opened(open_tab, app.url + run(10)))
    player(page, "Play").click()
    plays(page, further_than=20)
    before = moment(page)
    page.locator(BAR).get_by_role("combobox", name="Speed").select_option("0.5")
    assert before <= moment(page) < before + 60
    plays(page)
    page.locator(BAR).get_by_role("combobox", name="Speed").select_option("4")
    at_rest(page)
    assert shown_step(page) == (300, 300)


def test_on_a_phone_the_bar_can_be_hit_by_a_thumb(app, open_tab):
    page = opened(open_tab, app.url + run(11), PHONE)
    for label in ("Reset", "Play", "Step"):
        box = player(page, label).bounding_box()
        assert min(box["width"], box["height"]) >= 44
    player(page, "Play").tap()
    plays(page, further_than=5)
    player(page, "Pause").tap()
    assert paused(page)


@pytest.mark.parametrize("leave", ["close the tab", "open another page", "hide the tab"])
def test_a_run_that_nobody_watches_stops(app, open_tab, leave):
    path = f"{LONG}&seed={100 + len(leave)}"
    page = opened(open_tab, app.url + path)
    player(page, "Play").click()
    plays(page, further_than=2)
    before = work(app)
    wait_for(page, lambda: work(app) > before + 0.5)  # seconds of the processor: it does train
    if leave == "close the tab":
        page.context.close()
    elif leave == "hide the tab":
        page.evaluate("""Object.defineProperty(document, 'hidden', {value: true, configurable: true});
                         document.dispatchEvent(new Event('visibilitychange'));""")
    else:
        page.get_by_role("link", name="Losses").first.click()
        page.get_by_role("heading", name="Which mistakes does a loss take seriously?").wait_for()
        settled(page)
    assert idle(app)
    finished, came = crowd(lambda: look(app.url, path))
    assert not finished  # one that had come to its end would say nothing of who watches
    assert came > 2
    assert idle(app)  # and nobody's look set it going again
    if leave == "hide the tab":
        asked = len(open_tab.traffic[page].events("more"))
        page.wait_for_timeout(1000)
        assert len(open_tab.traffic[page].events("more")) == asked
        page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'));")
        step = shown_step(page)[0]
        plays(page, further_than=step)
        player(page, "Pause").click()


async def look(url: str, path: str) -> tuple[bool, int]:
    """Whether a run is finished, and how many moments of it there are, as somebody learns who asks for one part."""
    async with Viewer(url, path.removeprefix("/")) as viewer:
        await viewer.settled(60)
        turn = viewer.bar["turn"]
        await viewer.say("more", viewer.bar["known"])
        await viewer.until(lambda: viewer.bar["turn"] != turn, 60)
        return viewer.bar["finished"], viewer.bar["known"]


def work(app: Server) -> float:
    """Seconds of the processor that the server has used."""
    times = app.process.cpu_times()
    return times.user + times.system


def idle(app: Server) -> bool:
    """Whether the server, within half a minute, does next to nothing for two seconds."""
    for _ in range(15):
        before = work(app)
        time.sleep(2)
        if work(app) - before < 0.1:
            return True
    return False

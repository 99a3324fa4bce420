"""The person's way: a real Chromium on the real pages, in front of the real processes. Nothing is reloaded by hand."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.flows.yard import Yard, until

pytestmark = pytest.mark.slow
SENTENCE = "take two totes from receiving to pack 1, then go and charge"
QUIET = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-default-apps", "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
)  # fmt: skip
PAINTED = """canvas => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0, sum = 0;
  for (let i = 3; i < data.length; i += 4) if (data[i]) { painted += 1; sum = (sum + i * (data[i - 1] + 1)) % 1000003; }
  return [painted, sum];
}"""


@dataclass
class Window:
    """A signed-in page, with all that went wrong in it and how many live frames it got."""

    page: Any
    said: list[str] = field(default_factory=list)
    frames: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.said.append(f"not caught: {error}"))
        self.page.on("websocket", self._socket)

    def _console(self, message: Any) -> None:
        # Reading the canvas back, as `painted` does, is what this one warning is about.
        if message.type in ("error", "warning") and not message.text.startswith("Canvas2D: Multiple readback"):
            self.said.append(message.text)

    def _socket(self, socket: Any) -> None:
        if "/ws/live/" in socket.url:
            socket.on("framereceived", lambda data: self.frames.append(len(data)) if isinstance(data, bytes) else None)

    def open(self, path: str) -> None:
        self.page.goto(path)
        self.live()

    def live(self, seconds: float = 15) -> None:
        self.page.wait_for_selector('body[data-link="live"]', timeout=seconds * 1000)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def painted(self, canvas: str) -> list[int]:
        """Painted pixels and a sum that changes with the picture."""
        found: list[int] = self.page.eval_on_selector(canvas, PAINTED)
        return found

    def until(self, selector: str, seconds: float = 15) -> Any:
        return self.page.wait_for_selector(selector, timeout=seconds * 1000)

    def dispatch(self, text: str) -> str:
        """Typed, previewed and dispatched by keyboard; the id of the mission."""
        before = self.queue()
        self.page.keyboard.press("/")
        self.page.keyboard.type(text)
        self.until(".preview:not([data-old]) [data-review]:not([disabled])")
        self.page.keyboard.press("Control+Enter")
        self.until(".confirm:not([hidden])")
        self.page.keyboard.press("Control+Enter")
        (new,) = until(lambda: self.queue() - before, 10, lambda: self.text("#toasts"))
        return new.removeprefix("q-")

    def queue(self) -> set[str]:
        return set(self.page.eval_on_selector_all("#queue li", "rows => rows.map(row => row.id)"))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        opened = play.chromium.launch(executable_path=chromium, args=list(QUIET))
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def signed_in(browser: Any, running: Yard) -> dict[str, Any]:
    """The cookies of a site admin who signed in through the page."""
    name, password = (running.stack.state / "admin.txt").read_text().split()
    context = browser.new_context(base_url=running.stack.url)
    page = context.new_page()
    window = Window(page)
    page.goto("/ops/demo/")
    assert "/login/" in page.url
    assert axe_faults(page) == []
    page.fill("#id_username", name)
    page.fill("#id_password", "wrong")
    page.click("button.primary")
    page.wait_for_selector(".sign-in [role=alert]")
    page.fill("#id_username", name)
    page.fill("#id_password", password)
    page.click("button.primary")
    page.wait_for_url("**/ops/demo/")
    window.live()
    assert window.said == []
    state: dict[str, Any] = context.storage_state()
    context.close()
    return state


@pytest.fixture
def window(browser: Any, signed_in: dict[str, Any], yard: Yard) -> Iterator[Window]:
    context = browser.new_context(
        base_url=yard.stack.url, storage_state=signed_in, viewport={"width": 1440, "height": 900}
    )
    window = Window(context.new_page())
    yield window
    context.close()


def axe_faults(page: Any) -> list[str]:
    """Serious and critical violations: rule and the first elements."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [
        f"{v['id']} ({v['impact']}): {'; '.join(str(node['target']) for node in v['nodes'][:3])}"
        for v in found
        if v["impact"] in ("serious", "critical")
    ]


def test_a_sentence_is_typed_previewed_dispatched_and_watched_to_its_end(window: Window, yard: Yard) -> None:
    window.open("/ops/demo/")
    until(lambda: window.painted("#map canvas:first-of-type")[0] > 10_000, 10, "the floor is drawn")
    until(lambda: window.painted("#map canvas.robots")[0] > 200, 5, "the robots are drawn")
    window.page.evaluate("window.sameDocument = true")
    mission = window.dispatch(SENTENCE)
    assert yard.mission(mission)["text"] == SENTENCE
    window.until(f"#q-{mission} [data-state=running]", 20)
    pictures: set[int] = set()
    until(lambda: pictures.add(window.painted("#map canvas.robots")[1]) or len(pictures) > 5, 20, "the robots move")
    window.until(f"#q-{mission} [data-state=completed]", 60)
    assert window.page.evaluate("window.sameDocument"), "without a reload"
    assert yard.mission(mission)["state"] == "completed"
    yard.executed_once(mission)
    window.page.click(f"#q-{mission} a")
    window.until("#mission .rail")
    assert (
        window.page.eval_on_selector_all("#mission .rail li", "rows => rows.map(r => r.dataset.state)") == ["done"] * 3
    )
    window.live()
    assert len(window.frames) > 20
    assert window.said == []


def test_what_is_unclear_is_asked_and_nothing_is_sent(window: Window, yard: Yard) -> None:
    window.open("/ops/demo/")
    window.page.fill("#composer-text", "take two totes to the moon")
    window.until(".preview .question")
    window.page.keyboard.press("Control+Enter")
    window.page.fill("#composer-text", "stop")
    window.until("#stop-words:not([hidden]) .stop-button")
    open_ones = yard.stack.call("GET", "/api/v1/missions?site=demo&state=queued,assigned,running")["data"]
    assert open_ones == [] and yard.stops()["stops"] == []
    assert window.said == []


def test_a_planner_that_is_not_there_is_said_and_another_reads(window: Window, yard: Yard) -> None:
    def choose(planner: str) -> None:
        window.open("/settings/?tab=planner&site=demo")
        window.page.select_option("#planner", planner)
        window.page.click("button.primary:has-text('Save')")
        window.until(".bar:has-text('Saved.')")

    choose("endpoint")
    try:
        window.open("/ops/demo/")
        window.page.fill("#composer-text", "R-04 go to pack 3")
        window.until(".preview:not([data-old]) .fallback")
        assert "The configured planner 'endpoint' did not answer" in window.text(".fallback")
        assert "instead." in window.text(".fallback") and "Pack 3" in window.text(".preview .readback")
    finally:
        choose("")
    window.open("/ops/demo/")
    window.page.fill("#composer-text", "R-04 go to pack 3")
    window.until(".preview:not([data-old]) [data-review]:not([disabled])")
    assert window.page.query_selector(".fallback") is None
    assert window.said == []


@pytest.mark.parametrize("how", ["keys", "button"])
def test_the_site_is_stopped_and_resumed_and_the_mission_goes_on(window: Window, yard: Yard, how: str) -> None:
    window.open("/ops/demo/")
    mission = window.dispatch("R-01 go to dock 2" if how == "keys" else "R-01 go to pack 4")
    window.until(f"#q-{mission} [data-state=running]", 20)
    until(lambda: not yard.all_stand(), 20, "a robot drives")
    if how == "keys":
        window.page.keyboard.press("Control+.")
        window.page.keyboard.press("Control+.")
    else:
        window.page.click("#stop-form .stop-button")
    window.until("#stop-panel:not([hidden]) .counts")
    robots = len(yard.robots())
    until(lambda: window.text("#stop-panel .counts b") == str(robots), 10, lambda: window.text("#stop-panel"))
    until(yard.all_stand, 3, lambda: yard.radio.moved(0))
    assert yard.radio.held == set(yard.robots())
    assert all(row["state"] == "confirmed" for row in yard.stops()["stops"][0]["robots"])
    assert axe_faults(window.page) == []
    window.until("#stop-bar .bar")
    if how == "keys":
        window.page.click("#stop-panel a:has-text('Resume')")
    else:
        window.page.click("[data-close-stop]")
        window.page.click("#stop-bar .bar a")
    window.until(".ticks input")
    for box in window.page.query_selector_all(".ticks input"):
        box.check()
    window.page.fill("input[name=reason]", "looked at the floor")
    assert axe_faults(window.page) == []
    window.page.click("text=Check before resuming")
    window.until(f"text=Resume {robots} robots now")
    assert yard.all_stand(), "nothing moves before the second look"
    window.page.click(f"text=Resume {robots} robots now")
    window.page.wait_for_url("**/ops/demo/")
    window.until(f"#q-{mission} [data-state=completed]", 60)
    assert window.page.query_selector("#stop-bar .bar") is None
    assert window.said == []


def test_a_lost_server_is_shown_and_the_page_recovers_by_itself(window: Window, yard: Yard) -> None:
    window.open("/ops/demo/")
    web = yard.top("web")
    os.kill(yard.stack.child.pid, signal.SIGSTOP)  # the supervisor, so that web stays away for a while
    try:
        web.kill()
        window.until("#lost-bar:not([hidden])", 20)
        assert "Not live since" in window.text("#lost-bar")
        assert window.page.get_attribute("#map", "data-link") == "lost"
    finally:
        os.kill(yard.stack.child.pid, signal.SIGCONT)
    window.live(40)
    assert not window.page.is_visible("#lost-bar")
    frames = len(window.frames)
    until(lambda: window.page.wait_for_timeout(50) or len(window.frames) > frames, 10, "live frames again")
    mission = yard.send("R-02 go to staging 1")
    window.until(f"#q-{mission} [data-state=completed]", 60)
    assert not [text for text in window.said if "not caught" in text or "Content Security Policy" in text]


def test_a_map_whose_layout_got_lost_on_the_way_is_asked_for_again(window: Window) -> None:
    lost: list[str] = []

    def lose_the_first(route: Any) -> None:
        lost.append(route.request.url)
        if len(lost) == 1:
            route.abort()
        else:
            route.continue_()

    window.page.route("**/layout.json", lose_the_first)
    window.open("/ops/demo/")
    until(lambda: window.painted("#map canvas:first-of-type")[0] > 10_000, 10, "the floor is drawn after all")
    assert len(lost) == 2
    assert [text for text in window.said if "ERR_FAILED" not in text] == []


def test_no_page_has_a_serious_accessibility_fault(window: Window, yard: Yard) -> None:
    mission = yard.send("R-03 go to pack 2")
    robot = next(iter(yard.robots().values()))["id"]
    pages = {
        "/ops/demo/", "/missions/", f"/missions/{mission}/", "/robots/", f"/robots/{robot}/", "/audit/", "/settings/",
        "/settings/?tab=site", "/settings/?tab=people", "/settings/?tab=keys", "/settings/?tab=layouts",
        "/sites/demo/resume/",
    }  # fmt: skip
    faults = {}
    for path in sorted(pages):
        window.open(path)
        window.until("main h1")
        if found := axe_faults(window.page) + window.said:
            faults[path] = found
        window.said.clear()
    assert faults == {}

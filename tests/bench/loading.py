"""How long pages take to load in a browser, by the pages' own clock."""

import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, sync_playwright

from tests.browser.app import ROOT
from tests.browser.chromium import find
from tests.browser.screen import ARGUMENTS

POSITIONS = "--js-flags=--no-enable-lazy-source-positions"
"""Chromium notes where code stands as it compiles it. Otherwise, watched by a remote control, it would read all of
plotly.js anew at each error that the code throws and catches by itself, and a figure would seem to take half a second
longer than anybody waits for it."""
BARE = "import streamlit as st\n\nst.title('Bare')\n"
BARE_FIGURE = BARE + "import plotly.graph_objects as go\n\nst.plotly_chart(go.Figure(go.Bar(x=[1, 2], y=[2, 1])))\n"
"""A page with one small figure: what it takes longer than a bare one is the browser's time for loading plotly.js."""
WAIT = 60_000
LOOK = """
wanted => {
    const app = document.querySelector("[data-testid=stApp]");
    const has_run = app?.dataset.testScriptState === "notRunning" && document.querySelector("h1");
    const is_there = ([selector, count]) => document.querySelectorAll(selector).length === count;
    return has_run && !document.querySelector("[data-testid=stSkeleton]") && Object.entries(wanted).every(is_there)
        && performance.now() / 1000;
}
"""
FIGURE, TABLE = ".js-plotly-plot:has(.main-svg)", "[data-testid=data-grid-canvas]"


@dataclass(frozen=True)
class Loaded:
    """A page by its address, and how many of what each selector finds it has once it is loaded."""

    address: str
    wanted: Mapping[str, int]


@contextmanager
def profile(folder: Path) -> Iterator[BrowserContext]:
    """A browser with a profile of its own, as a person's has: what it has seen it keeps."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            folder / "profile",
            executable_path=find(),
            args=[*ARGUMENTS, POSITIONS],
            viewport={"width": 1366, "height": 768},
        )
        yield context
        context.close()


def load_time(context: BrowserContext, page: Loaded) -> float:
    """Seconds from asking for the page until it has run and drawn all that is wanted."""
    tab = context.new_page()
    tab.goto(page.address, wait_until="commit")
    taken = tab.wait_for_function(LOOK, arg=dict(page.wanted), polling="raf", timeout=WAIT).json_value()
    tab.wait_for_timeout(500)
    tab.close()
    return float(taken)


def turn_about(context: BrowserContext, pages: Mapping[str, Loaded], rounds: int) -> dict[str, list[float]]:
    """The times of each page, warm; turn about, so that a busy moment of the machine falls on all."""
    for page in [*pages.values()] * 2:
        load_time(context, page)
    times: dict[str, list[float]] = {name: [] for name in pages}
    for _ in range(rounds):
        for name, page in pages.items():
            times[name].append(load_time(context, page))
    return times


def print_times(times: Mapping[str, list[float]], base: str, wanted: Mapping[str, float]) -> None:
    """Each page's time, and how much more it is than the base's: the median of the differences, round by round.

    `wanted` says how many seconds more are allowed.
    """
    for name, its in times.items():
        more = statistics.median(one - other for one, other in zip(its, times[base], strict=True))
        limit = f" (wanted: {wanted[name]:g} s)" if name in wanted else ""
        said = "" if name == base else f"; {more:.2f} s more than {base}{limit}"
        print(f"{name + ':':40} median {statistics.median(its):.2f} s, most {max(its):.2f} s{said}")


@contextmanager
def bare(folder: Path, text: str = BARE, port: int = 8699) -> Iterator[str]:
    """A Streamlit page of its own, with a title and nothing else unless `text` says so, served; gives its address."""
    script = folder / f"bare{port}.py"
    script.write_text(text)
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    with (folder / f"bare{port}.log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        time.sleep(5)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)

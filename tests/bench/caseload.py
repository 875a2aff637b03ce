"""The caseload with 100,000 patients: the server's time for a filter, and a load in a browser beside two bare pages.

`python -m tests.bench.caseload`; the clinic is made for the occasion.
"""

import logging
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from tests.bench.timing import busy
from tests.browser.app import NOW, ROOT, served
from tests.browser.screen import browser, settled

PATIENTS, SEED, ROUNDS = 100_000, 7, 7
BARE = "import streamlit as st\n\nst.title('Bare')\n"
FIGURE = BARE + "import plotly.graph_objects as go\n\nst.plotly_chart(go.Figure(go.Bar(x=[1, 2], y=[2, 1])))\n"
"""A page with one small figure: what it takes longer than a bare one is the browser's time for loading plotly.js."""
FILTERS = [("area", "Cheeks"), ("area", "Face"), ("practitioner", "Dr Mara Ellison"), ("protocol", "Acne scars")]


def seconds(work) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def filter_times(database: Path) -> list[float]:
    """The server's time for each change of a filter, the figures once warm."""
    os.environ |= {"CLINIC_DB": str(database), "CLINIC_NOW": NOW}
    app = AppTest.from_file(str(ROOT / "pages" / "shell.py"), default_timeout=120)
    app.run()
    app.switch_page("caseload.py").run()
    assert not app.exception
    times = []
    for key, choice in FILTERS * 2:
        box = next(box for box in app.multiselect if box.key == key)
        times.append(seconds(lambda box=box, choice=choice: box.set_value([choice]).run()))
        box = next(box for box in app.multiselect if box.key == key)
        times.append(seconds(lambda box=box: box.set_value([]).run()))
    assert not app.exception
    return times


def load_time(chromium: Browser, address: str, figures: int) -> float:
    """Seconds until a page has run and drawn its figures, in a browser that has seen the app before."""
    page = chromium.contexts[0].new_page()

    def load() -> None:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        settled(page)
        if figures:
            expect(page.locator(".js-plotly-plot .main-svg").last).to_be_visible(timeout=60_000)
            expect(page.get_by_test_id("stPlotlyChart")).to_have_count(figures)

    taken = seconds(load)
    page.close()
    return taken


@contextmanager
def bare(folder: Path, text: str = BARE, port: int = 8699):
    """A Streamlit page of its own, with a title and nothing else unless `text` says so, served."""
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


def main() -> None:
    """Print the median and the most of each."""
    # AppTest runs pages without a browser's session, and Streamlit warns of that at each of them.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder, "--patients", str(PATIENTS), "--seed", str(SEED)) as app,
            bare(folder, BARE, 8699) as plain,
            bare(folder, FIGURE, 8698) as figure,
        ):
            with browser() as chromium:
                chromium.new_context(viewport={"width": 1366, "height": 768})
                pages = {f"{app.address}/caseload": 4, plain: 0, figure: 1}
                first, *_ = [load_time(chromium, *page) for page in pages.items()]
                # Turn about, so that a busy moment of the machine falls on all.
                rounds = [[load_time(chromium, *page) for page in pages.items()] for _ in range(ROUNDS)]
            filters = filter_times(app.database)
    loads, bares, figures = zip(*rounds, strict=True)
    more, of_figure = (statistics.median(times) - statistics.median(bares) for times in (loads, figures))
    print(f"caseload of {PATIENTS:,} patients; {ROUNDS} loads, {len(filters)} changes of a filter; {busy()}")
    print(f"filter, server time: median {statistics.median(filters):.3f} s, most {max(filters):.3f} s (wanted: 0.5 s)")
    print(f"load, warm:          median {statistics.median(loads):.2f} s, most {max(loads):.2f} s; cold {first:.2f} s")
    print(f"bare page:           median {statistics.median(bares):.2f} s")
    print(f"bare with a figure:  median {statistics.median(figures):.2f} s, {of_figure:.2f} s more than bare")
    print(
        f"the load takes {more:.2f} s more than a bare page (wanted: 2 s), {more - of_figure:.2f} s more than a figure"
    )


if __name__ == "__main__":
    main()

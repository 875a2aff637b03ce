"""The caseload with 100,000 patients: the server's time for a filter, and a load in a browser beside a bare page.

`python -m tests.bench.caseload`; the clinic is made for the occasion.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from tests.browser.app import NOW, ROOT, served
from tests.browser.screen import browser, settled

PATIENTS, SEED, ROUNDS = 100_000, 7, 7
BARE = "import streamlit as st\n\nst.title('Bare')\n"
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


def load_time(chromium: Browser, address: str) -> float:
    """Seconds until a page has run and drawn, in a browser that has seen the app before."""
    page = chromium.contexts[0].new_page()

    def load() -> None:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=60_000)
        settled(page)
        if "caseload" in address:
            expect(page.locator(".js-plotly-plot .main-svg").last).to_be_visible(timeout=60_000)
            expect(page.get_by_test_id("stPlotlyChart")).to_have_count(4)

    taken = seconds(load)
    page.close()
    return taken


@contextmanager
def alone(folder: Path, text: str, port: int) -> Iterator[str]:
    """A Streamlit page of this text and nothing else, served at the address."""
    script = folder / f"page_{port}.py"
    script.write_text(text)
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    with script.with_suffix(".log").open("w") as log:
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        time.sleep(5)
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def main() -> None:
    """Print the median and the most of both."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder, "--patients", str(PATIENTS), "--seed", str(SEED)) as app,
            alone(folder, BARE, 8699) as plain,
        ):
            with browser() as chromium:
                chromium.new_context(viewport={"width": 1366, "height": 768})
                figures = f"{app.address}/caseload"
                first = load_time(chromium, figures)
                load_time(chromium, plain)
                # Turn about, so that a busy moment of the machine falls on both.
                pairs = [(load_time(chromium, figures), load_time(chromium, plain)) for _ in range(ROUNDS)]
            loads, bares = (sorted(column) for column in zip(*pairs, strict=True))
            filters = filter_times(app.database)
    more = statistics.median(loads) - statistics.median(bares)
    print(f"caseload of {PATIENTS:,} patients; {ROUNDS} loads, {len(filters)} changes of a filter")
    print(f"filter, server time: median {statistics.median(filters):.3f} s, most {max(filters):.3f} s (wanted: 0.5 s)")
    print(f"load, warm:          median {statistics.median(loads):.2f} s, most {loads[-1]:.2f} s; cold {first:.2f} s")
    print(
        f"bare page:           median {statistics.median(bares):.2f} s; the load takes {more:.2f} s more (wanted: 2 s)"
    )


if __name__ == "__main__":
    main()

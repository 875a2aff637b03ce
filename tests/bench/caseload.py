"""The caseload with 100,000 patients: the server's time for a filter, and a load in a browser beside two bare pages.

`python -m tests.bench.caseload`; the clinic is made for the occasion.
"""

import logging
import os
import statistics
import tempfile
import time
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.bench.loading import BARE_FIGURE, FIGURE, Loaded, bare, load_time, print_times, profile, turn_about
from tests.bench.timing import busy
from tests.browser.app import NOW, ROOT, served

PATIENTS, SEED, ROUNDS = 100_000, 7, 7
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


def main() -> None:
    """Print the median and the most of each."""
    # AppTest runs pages without a browser's session, and Streamlit warns of that at each of them.
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            served(folder, "--patients", str(PATIENTS), "--seed", str(SEED)) as app,
            bare(folder) as plain,
            bare(folder, BARE_FIGURE, 8698) as figure,
        ):
            with profile(folder) as context:
                pages = {
                    "the caseload": Loaded(f"{app.address}/caseload", {FIGURE: 4}),
                    "a bare page": Loaded(plain, {}),
                    "bare, with a figure": Loaded(figure, {FIGURE: 1}),
                }
                cold = load_time(context, pages["the caseload"])
                times = turn_about(context, pages, ROUNDS)
            filters = filter_times(app.database)
    print(f"caseload of {PATIENTS:,} patients; {ROUNDS} loads, {len(filters)} changes of a filter; {busy()}")
    print(f"filter, server time: median {statistics.median(filters):.3f} s, most {max(filters):.3f} s (wanted: 0.5 s)")
    print(f"the first load of all, the caseload judged for it: {cold:.2f} s")
    print_times(times, "a bare page", {"the caseload": 2})


if __name__ == "__main__":
    main()

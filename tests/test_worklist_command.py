"""The worklist from a terminal: the same rows as the page, and no name on the screen."""

import csv
import re
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from clinic import cli
from clinic_data.actor import MANAGER, Actor
from clinic_data.attempts import record_attempt
from clinic_data.claims import take
from clinic_data.database import Store, prepare
from clinic_data.demo import fill_demo
from clinic_data.practitioners import read_practitioners
from clinic_data.schedule_input import read_schedule_input
from clinic_data.visits import last_and_next
from clinic_data.worklist_input import read_call_list, read_work
from lib import words
from lib.call_list import VIEWS, as_file, in_view
from lib.worklist import could_come_on, flagged, worklist

ADA = Actor("Ada", MANAGER)
TODAY = date(2026, 11, 23)
SLOT = date(2026, 12, 1)


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Store:
    """A demo clinic in which Ada has taken one patient and tried two others."""
    store = prepare(tmp_path_factory.mktemp("worklist") / "clinic.db")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CLINIC_NOW", "2026-11-23T09:00:00+00:00")
        fill_demo(ADA, store, today=TODAY, patients=120, seed=5)
        schedule = read_schedule_input(ADA, store, TODAY)
        missed = flagged(schedule.schedule(), schedule.courses).query("flag == 'missed_session'")
        rows = missed.drop_duplicates("patient_id").astype({"kind": object, "flag": object}).head(3)
        first, second, third = rows[["patient_id", "course_id", "kind", "number", "flag"]].itertuples(index=False)
        take(ADA, store, int(first.patient_id))
        for row, outcome in ((second, "left_message"), (third, "wrong_number")):
            record_attempt(ADA, store, int(row.patient_id), channel="phone", outcome=outcome, reasons=[tuple(row)[1:]])
    return store


@pytest.fixture(autouse=True)
def _on_the_day(today, monkeypatch, demo):
    """The clinic is the demo, and the day its own."""
    monkeypatch.setenv("CLINIC_DB", str(demo.path))


def run(*words: str | Path) -> Result:
    """The program with these words, as Ada."""
    return CliRunner().invoke(cli, ["worklist", "--actor", "Ada", *(str(word) for word in words)])


def wanted(store: Store, view: str, slot: date | None = None, as_of: date = TODAY) -> pd.DataFrame:
    """The rows that the page shows to Ada."""
    known = read_schedule_input(ADA, store, as_of)
    schedule, courses = known.schedule(), known.courses
    reasons = could_come_on(schedule, courses, pd.Timestamp(slot)) if slot else flagged(schedule, courses)
    rows = worklist(reasons, read_work(ADA, store, as_of), pd.Timestamp(as_of))
    rows = rows[in_view(rows, view, as_of, name="Ada")]
    names = read_practitioners(ADA, store).set_index("practitioner_id")["name"]
    return as_file(read_call_list(ADA, store, rows, last_and_next(ADA, store, as_of), names))


def cells(frame: pd.DataFrame) -> list[list[str]]:
    """A table's rows as a file has them: dates ISO, what is missing empty."""

    def text(value) -> str:
        if pd.isna(value):
            return ""
        return value.date().isoformat() if isinstance(value, pd.Timestamp) else str(value)

    return [[text(value) for value in row] for row in frame.itertuples(index=False)]


def written(path: Path) -> tuple[list[str], list[list[str]]]:
    """The columns and rows of a file; what was made harmless for spreadsheets is taken back."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, [[re.sub(r"^'(?=[=+\-@])", "", cell) for cell in row] for row in rows]


@pytest.mark.parametrize("view", VIEWS)
def test_the_file_has_the_rows_of_the_view(demo, tmp_path, view):
    """Every view of the page, row for row and cell for cell, also where nobody is in it."""
    result = run("--view", view, "--output", tmp_path / "list.csv")
    assert result.exit_code == 0, result.output
    rows = wanted(demo, view)
    assert written(tmp_path / "list.csv") == (list(rows.columns), cells(rows))
    assert result.stdout == f"{words.count(len(rows), 'patient')} in “{VIEWS[view]}” on 23 Nov 2026.\n"


def test_the_views_have_somebody_in_them(demo):
    """The demo tells the views apart: who is taken is mine, who was tried is later or to decide."""
    sizes = {view: len(wanted(demo, view)) for view in VIEWS}
    assert (sizes["mine"], sizes["later"], sizes["to-decide"], sizes["waived"]) == (1, 1, 1, 0)
    assert 0 < sizes["overdue"] < sizes["todo"] <= sizes["all"]


def test_without_a_view_it_is_what_there_is_to_do(demo, tmp_path):
    """As the page opens."""
    assert run("--output", tmp_path / "list.csv").exit_code == 0
    assert written(tmp_path / "list.csv")[1] == cells(wanted(demo, "todo"))


@pytest.mark.parametrize("view", [None, "todo"])
def test_a_free_slot_lists_whoever_could_come(demo, tmp_path, view):
    """All of them, or those of a view, as if that were why they are listed."""
    words = ["--view", view] if view else []
    result = run("--could-come-on", SLOT, *words, "--output", tmp_path / "list.csv")
    rows = wanted(demo, view or "all", SLOT)
    assert len(rows)
    assert written(tmp_path / "list.csv") == (list(rows.columns), cells(rows))
    assert result.stdout.endswith("could come on 01 Dec 2026, as of 23 Nov 2026.\n")


def test_a_past_day_is_shown_as_it_was_known(demo, tmp_path):
    """Nobody has taken or tried anybody then."""
    assert run("--as-of", "2026-11-01", "--view", "all", "--output", tmp_path / "list.csv").exit_code == 0
    rows = wanted(demo, "all", as_of=date(2026, 11, 1))
    assert written(tmp_path / "list.csv")[1] == cells(rows)
    assert not rows["who"].any()
    assert not rows["last_try"].any()


def test_on_the_screen_stands_one_line_a_patient_without_a_name(demo):
    """Code, why, and between when she should come; how many there are goes to the error stream."""
    result = run("--view", "all")
    rows = wanted(demo, "all")
    lines = result.stdout.splitlines()
    assert [line.split("  ")[:2] for line in lines] == rows[["code", "why"]].to_numpy().tolist()
    assert all(re.search(r"  Come (between .+ and|on) \d\d \w{3} \d{4}$", line) for line in lines[:3])
    assert not any(name in result.stdout for name in rows["patient"])
    assert result.stderr == f"{len(rows)} patients in “All” on 23 Nov 2026.\n"


def test_what_leaves_the_clinic_stands_in_the_trail(demo, tmp_path):
    """With the view and how many rows it had; what is only shown is no export."""

    def exports() -> list[str]:
        with demo.read() as db:
            rows = db.query(
                "select v.what from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export'"
                " order by t.id"
            )
            return [row["what"] for row in rows]

    before = exports()
    run("--view", "mine")
    assert exports() == before
    run("--view", "mine", "--output", tmp_path / "list.csv")
    assert exports()[len(before) :] == ["worklist (Mine): 1 rows"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--view", "nobody"], "'nobody' is not one of 'todo', 'mine'"),
        (["--as-of", "yesterday"], "'yesterday' does not match the format '%Y-%m-%d'"),
        (["--could-come-on", "31.12.2026"], "'31.12.2026' does not match the format"),
        (["--could-come-on", "2026-11-22"], "a free slot lies on 23 Nov 2026 or later, not on 22 Nov 2026"),
        (["--output", "/nowhere/list.csv"], "/nowhere/list.csv: this file can't be written"),
    ],
)
def test_what_is_not_allowed_is_said_in_a_sentence(words, sentence):
    """Exit code 2, one error, no traceback."""
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    assert sentence in result.stderr
    assert result.stderr.count("Error: ") == 1

"""The clinic's work without a browser: what a person at a terminal sees, and what is left in the file."""

import csv
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from clinic import cli
from clinic_data.database import Store, prepare
from clinic_data.protocol_versions import protocol_files
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import Settings, change_settings, read_settings
from tests.clinic_data.rows import (
    ACTOR,
    contents,
    course,
    one,
    patient,
    protocol_text,
    put_protocol,
    rows,
    visit,
)

ROOT = Path(__file__).parents[1]
REAL_DATA = os.environ.get("CLINIC_REAL_DATA")
FILE = "patient,day,came\n7,05 Jan 2026,Yes\n7,02 Feb 2026,No\n8,05 Jan 2026,Yes\n"
WHAT = ["--protocol", "plain", "--patient", "patient", "--date", "day", "--date-format", "%d %b %Y"]
CAME = ["--status", "came", "--means", "Yes=completed", "--means", "No=no_show"]


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    """The file that CLINIC_DB names; it is not there yet."""
    path = tmp_path / "clinic.db"
    monkeypatch.setenv("CLINIC_DB", str(path))
    return path


@pytest.fixture
def run(path, today) -> Callable[..., Result]:
    """Runs the program with these words, on the test's day."""

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(cli, [str(word) for word in words])

    return run


@pytest.fixture
def folder(tmp_path) -> Path:
    """One protocol."""
    folder = tmp_path / "protocols"
    folder.mkdir()
    (folder / "plain.toml").write_text(protocol_text(), encoding="utf-8")
    return folder


@pytest.fixture
def clinic(store, path) -> Store:
    """A clinic with several flags, one of them of a patient who must not be called."""
    put_protocol(store)
    for name, day in (("Zoë", "2026-09-01"), ("=Mia", "2026-10-01"), ("Ida", "2026-10-20")):
        somebody = patient(store, name)
        visit(store, somebody, [course(store, somebody)], day)
    silent = patient(store, "Silent", contact_allowed="none")
    course(store, silent)
    booked = patient(store, "Uma")
    plan = course(store, booked, opened_on="2026-11-20")
    visit(store, booked, [plan], "2026-11-21", status="booked")
    visit(store, booked, [plan], "2026-12-21", status="booked")
    return store


def refused(result: Result, sentence: str) -> None:
    """It ended with 2, a sentence and no traceback."""
    assert result.exit_code == 2, result.output
    assert re.search(sentence, result.stderr), result.stderr
    assert "Traceback" not in result.output
    assert isinstance(result.exception, SystemExit)


def read_csv(path: Path) -> list[dict[str, str]]:
    """The rows of a file by column."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# start


def test_start_makes_a_demo(run, path):
    """A clinic of as many patients as are asked for, marked as a demo."""
    result = run("start", "--patients", "5")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"Making a demo clinic of 5 patients …\nDemo clinic: {path} is ready.\n"
    assert one(Store(path), "select count(*) from patients") == 5
    assert read_settings(ACTOR, Store(path)) == Settings("Demo clinic", "Europe/London", True, date(2026, 11, 23))


def test_the_seed_makes_the_demo(run, path, tmp_path, monkeypatch):
    """The same seed makes the same patients; 1 is the usual one."""
    names = []
    for number, options in enumerate([[], ["--seed", "1"], ["--seed", "0"]]):
        monkeypatch.setenv("CLINIC_DB", str(tmp_path / f"{number}.db"))
        assert run("start", "--patients", "5", *options).exit_code == 0
        names.append(rows(Store(tmp_path / f"{number}.db"), "select name from patients order by id"))
    assert names[0] == names[1] != names[2]


def test_a_second_start_takes_no_step_twice(run, path):
    """It says that the file is ready, and leaves every byte of it."""
    run("start", "--patients", "5")
    before, revision = path.read_bytes(), Store(path).revision()
    result = run("start")
    assert (result.exit_code, result.output) == (0, f"Demo clinic: {path} is ready.\n")
    assert path.read_bytes() == before
    assert Store(path).revision() == revision


def test_start_makes_an_empty_clinic(run, path, monkeypatch):
    """With its name and zone; nobody is in it, and it is no demo."""
    monkeypatch.delenv("CLINIC_NOW")
    result = run("start", "--empty", "--name", "Praxis Öz", "--zone", "Pacific/Auckland")
    assert (result.exit_code, result.stdout) == (0, f"Praxis Öz: {path} is ready.\n")
    assert read_settings(ACTOR, Store(path)) == Settings("Praxis Öz", "Pacific/Auckland", False, None)
    assert contents(Store(path))["patients"] == []
    assert run("start").stdout == f"Praxis Öz: {path} is ready.\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--empty --patients 5", "leave out --patients and --seed"),
        ("--empty --seed 0", "leave out --patients and --seed"),
        ("--name Mine", "add --empty"),
        ("--zone Europe/London", "add --empty"),
        ("--patients 0", "--patients"),
        ("--seed -1", "--seed"),
        ("--empty --zone Nowhere", "time zone 'Nowhere': a name such as Europe/London is wanted"),
        ("--empty --name ' '", "the clinic's name must not be empty"),
        ("--empty", "CLINIC_NOW may be set for a demo clinic only"),
    ],
)
def test_a_start_that_fails_leaves_no_file(run, path, words, sentence):
    """The next one begins anew."""
    refused(run("start", *(word.strip("'") or " " for word in re.findall(r"'[^']*'|\S+", words))), sentence)
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("options", [["--empty"], ["--patients", "5"], ["--seed", "0"]])
def test_a_clinic_that_is_there_is_left_as_it_is(run, clinic, options):
    """Neither emptied nor filled."""
    before = contents(clinic)
    refused(
        run("start", *options), r"clinic\.db is there already, and is left as it is; name another file in CLINIC_DB"
    )
    assert contents(clinic) == before


def test_a_file_that_is_no_clinic_is_left_as_it_is(run, path):
    """Whatever it is, it is not written over."""
    path.write_text("Dear clinic, " * 100)
    for words in (["start"], ["start", "--empty"], ["flags"]):
        refused(run(*words), "can't be used as a clinic file: file is not a database")
    assert path.read_text() == "Dear clinic, " * 100


def test_a_folder_that_can_not_be_made_is_refused(run, path, monkeypatch):
    """A file stands where the folder should be."""
    path.write_text("Dear clinic")
    monkeypatch.setenv("CLINIC_DB", str(path / "clinic.db"))
    refused(run("start", "--patients", "5"), "can't be used as a clinic file")
    assert path.read_text() == "Dear clinic"


# import-visits


def test_visits_are_imported(run, store, path, tmp_path, folder):
    """One line says what came of it; the bar goes to the error stream."""
    (tmp_path / "visits.csv").write_text(FILE)
    words = ["import-visits", tmp_path / "visits.csv", *WHAT, *CAME, "--protocols", folder]
    result = run("--actor", "Bea", *words)
    assert result.exit_code == 0, result.output
    added = "visits.csv: 3 visits of 2 new patients added in 2 new treatment plans, "
    assert result.stdout == f"{added}0 brought up to date, 0 known already.\n"
    assert rows(store, "select status, count(*) from visits group by 1") == [("completed", 2), ("no_show", 1)]
    assert one(store, "select actor from changes order by id desc limit 1") == "Bea"
    again = run(*words)
    assert again.stdout.endswith("0 brought up to date, 3 known already.\n")


def test_area_system_and_name_are_kept(run, store, tmp_path, folder):
    """As the options say."""
    (tmp_path / "visits.csv").write_text("patient,day,who\n7,05 Jan 2026,Eva Berg\n")
    options = ["--name", "WHO", "--area", "neck", "--system", "books", "--protocols", folder]
    assert run("import-visits", tmp_path / "visits.csv", *WHAT, *options).exit_code == 0
    assert rows(store, "select name from patients") == [("Eva Berg",)]
    assert rows(store, "select area from courses") == [("neck",)]
    assert rows(store, "select system, value from patient_identifiers") == [("books", "7")]


def test_bad_rows_are_listed(run, store, tmp_path, folder):
    """Each on a line of its own, and nothing is imported."""
    (tmp_path / "visits.csv").write_text(FILE + "9,31 Feb 2026,Yes\n9,01 Mar 2026,Perhaps\n")
    before = contents(store)
    result = run("import-visits", tmp_path / "visits.csv", *WHAT, *CAME, "--protocols", folder)
    refused(result, r"visits\.csv: 2 rows can't be imported, so nothing was imported:")
    lines = result.stderr.splitlines()
    assert lines[1] == "  line 5: '31 Feb 2026': a date written as %d %b %Y is wanted"
    assert lines[2].startswith("  line 6: 'Perhaps': one of approved, arrived,")
    assert len(lines) == 3
    assert contents(store) == before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--protocol", "peel"], "protocol 'peel': there is no such id in .*; there are plain"),
        (["--patient", "who"], "there is no column 'who'; the first line has patient, day, came"),
        (["--date-format", "%d %b"], "does not tell day, month and year"),
        (["--means", "Yes"], "--means Yes: a word and a status are wanted, such as Yes=no_show"),
        (["--means", "=completed"], "a word and a status are wanted"),
        (["--means", "Yes=gone"], "'gone' is no status"),
        (["--area", " "], "must not be empty"),
        (["--protocols", "missing"], "--protocols"),
    ],
)
def test_a_wrong_option_is_refused(run, store, tmp_path, folder, options, sentence):
    """In a sentence, and nothing is imported."""
    (tmp_path / "visits.csv").write_text(FILE)
    before = contents(store)
    refused(run("import-visits", tmp_path / "visits.csv", *WHAT, *CAME, "--protocols", folder, *options), sentence)
    assert contents(store) == before


def test_a_file_that_is_not_there_is_refused(run, store, tmp_path):
    """Like any other wrong word on the line."""
    refused(run("import-visits", tmp_path / "none.csv", *WHAT), "does not exist")


# flags and schedule


def test_flags_are_told_one_a_line(run, clinic):
    """Whose it is, what it is and why, the most urgent first, and how many there are."""
    result = run("flags")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    code = dict(rows(clinic, "select name, code from patients"))
    assert [line.split(": ")[0] for line in lines] == [
        f"{code['Uma']}  Did they come?",
        f"{code['=Mia']}  Session overdue, not booked",
        f"{code['Zoë']}  Session overdue, not booked",
        f"{code['Ida']}  Time to book",
    ]
    assert all(re.search(r"\d\d \w{3} \d{4}", line) for line in lines)
    assert result.stderr == "4 flags on 23 Nov 2026.\n"
    assert not any(name in result.output for name in code), "a name has no place on the screen of a terminal"


def test_the_flags_file_has_the_same_rows(run, clinic, tmp_path):
    """One row a flag, with name, plan, dates and sentence."""
    told = run("flags").stdout.splitlines()
    result = run("flags", "--output", tmp_path / "flags.csv")
    assert (result.stdout, result.stderr) == ("4 flags on 23 Nov 2026.\n", "")
    found = read_csv(tmp_path / "flags.csv")
    assert [line.split("  ")[0] for line in told] == [row["patient"] for row in found]
    assert [line.split(": ", 1)[1] for line in told] == [row["why"] for row in found]
    assert [row["name"] for row in found] == ["Uma", "'=Mia", "Zoë", "Ida"]
    mia = found[1]
    assert (mia["area"], mia["protocol"], mia["due_on"], mia["days_overdue"]) == ("face", "plain@1", "2026-10-29", "11")


def test_flags_of_another_day(run, clinic):
    """A past day is judged as it was."""
    result = run("flags", "--as-of", "2026-10-30")
    assert [line.split("  ")[1].split(":")[0] for line in result.stdout.splitlines()] == [
        "Session overdue, not booked",
        "Time to book",
    ]
    assert result.stderr == "2 flags on 30 Oct 2026.\n"
    refused(run("flags", "--as-of", "30.10.2026"), "--as-of")


def test_the_schedule_file_has_every_row(run, clinic, tmp_path):
    """As many as the schedule, in its order, with dates as ISO and what is missing empty."""
    result = run("schedule", "--output", tmp_path / "schedule.csv")
    expected = read_schedule_input(ACTOR, clinic, date(2026, 11, 23)).schedule()
    assert result.stdout == f"{len(expected)} rows as of 23 Nov 2026.\n"
    found = read_csv(tmp_path / "schedule.csv")
    assert list(found[0]) == ["patient", "name", "area", "protocol", *expected.columns]
    for name in ("course_id", "kind", "number", "status"):
        assert [row[name] for row in found] == expected[name].astype(str).tolist()
    dates = [row[name] for row in found for name in found[0] if name.endswith("_on")]
    assert all(re.fullmatch(r"(\d{4}-\d\d-\d\d)?", day) for day in dates)
    assert "2026-09-01" in dates


def test_an_empty_clinic_has_no_flags(run, store, tmp_path):
    """And a schedule file with its header only."""
    assert run("flags").stderr == "0 flags on 23 Nov 2026.\n"
    assert run("schedule", "--output", tmp_path / "out.csv").stdout == "0 rows as of 23 Nov 2026.\n"
    assert read_csv(tmp_path / "out.csv") == []
    assert (tmp_path / "out.csv").read_text().startswith("patient,name,area,protocol,course_id,kind")


@pytest.mark.parametrize("command", ["flags", "schedule"])
def test_a_file_that_can_not_be_written_is_refused(run, clinic, tmp_path, command):
    """In a sentence."""
    refused(run(command, "--output", tmp_path / "none" / "out.csv"), "this file can't be written")
    refused(run(command, "--output", tmp_path), "is a directory")


@pytest.mark.parametrize(
    "words", [["flags"], ["schedule", "--output", "out.csv"], ["import-visits", __file__, *WHAT]], ids=lambda w: w[0]
)
def test_without_a_file_there_is_nothing_to_do(run, path, words):
    """The sentence says how to make one, and none is made."""
    refused(run(*words), r"There is no clinic file at .*clinic\.db; `python clinic\.py start` makes one\.")
    assert not path.exists()


def test_a_clinic_s_own_day_can_not_be_set(run, store):
    """CLINIC_NOW is for demos; a day that is told needs no clock."""
    change_settings(ACTOR, store, is_demo=False)
    refused(run("flags"), "CLINIC_NOW may be set for a demo clinic only")
    assert run("flags", "--as-of", "2026-10-30").exit_code == 0


# protocols


def test_every_protocol_is_listed(run):
    """With its version, name and numbers, each with grade and source."""
    result = run("protocols")
    assert result.exit_code == 0
    heads = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    assert heads == [f"{p.id} v{p.version}: {p.name}" for p in protocol_files().values()]
    assert "  4–6 weeks apart (practice: " in result.stdout
    assert "no source given" not in result.stdout


def test_numbers_without_a_source_say_so(run, folder):
    """In a clinic's own file."""
    assert run("protocols", "--folder", folder).stdout.splitlines() == [
        "plain v1: Plain series",
        "  3 sessions (no source given)",
        "  4–6 weeks apart (no source given)",
        "  review after 4–6 weeks (no source given)",
    ]


def test_a_malformed_protocol_is_refused(run, folder):
    """With file, key, what stands there and what is allowed."""
    (folder / "bad.toml").write_text(protocol_text("bad").replace("planned = 3", "planned = 0"))
    refused(run("protocols", "--folder", folder), r"^Error: bad\.toml: sessions\.planned: it must be .* 1, not 0$")


# The program itself


def program(*words: str | Path, **environment: str) -> subprocess.CompletedProcess:
    """The program as it is started from a terminal, with nothing but its own clinic in the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLINIC_")}
    return subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def test_the_program_runs(tmp_path):
    """From a terminal: a demo, and its flags on a given day."""
    environment = {"CLINIC_DB": str(tmp_path / "clinic.db"), "CLINIC_NOW": "2026-11-23T09:00:00+00:00"}
    started = program("clinic.py", "start", "--patients", "20", **environment)
    assert (started.returncode, started.stderr) == (0, "")
    told = program("clinic.py", "flags", **environment)
    assert told.returncode == 0
    assert re.fullmatch(rf"{len(told.stdout.splitlines())} flags? on 23 Nov 2026\.\n", told.stderr)


def test_the_program_refuses_in_a_sentence(tmp_path):
    """Exit code 2, one line on the error stream, nothing else."""
    refusal = program("clinic.py", "flags", CLINIC_DB=str(tmp_path / "none.db"))
    assert (refusal.returncode, refusal.stdout) == (2, "")
    assert refusal.stderr.startswith("Error: There is no clinic file at ")
    assert refusal.stderr.count("\n") == 1


def test_every_command_has_a_help_text():
    """And so has every option."""
    for command in cli.commands.values():
        assert command.help, command.name
        assert [option.name for option in command.params if isinstance(option, click.Option) and not option.help] == []


@pytest.mark.parametrize("what", ["missing", "no database", "own clock"])
def test_the_web_app_refuses_to_start(tmp_path, what):
    """Exit code 2 and one sentence, instead of pages that can't be served."""
    path, environment, sentence = tmp_path / "clinic.db", {}, "There is no clinic file at .*; `python clinic.py start`"
    if what == "no database":
        path.write_text("Dear clinic, " * 100)
        sentence = "can't be used as a clinic file"
    elif what == "own clock":
        prepare(path)
        environment = {"CLINIC_NOW": "2026-11-23T09:00:00+00:00"}
        sentence = "CLINIC_NOW may be set for a demo clinic only"
    run = ["-m", "streamlit", "run", "app.py", "--server.port", "0", "--server.headless", "true"]
    refusal = program(*run, CLINIC_DB=str(path), **environment)
    assert refusal.returncode == 2, refusal
    assert re.fullmatch(rf"Error: .*{sentence}.*\n", refusal.stderr), refusal.stderr
    assert "Traceback" not in refusal.stdout


# Data not made by this project


@pytest.fixture
def trial(path, monkeypatch) -> Callable[..., Result]:
    """An empty clinic of our own, and an import of the trial's visits."""
    monkeypatch.delenv("CLINIC_NOW", raising=False)
    folder = Path(REAL_DATA or "")
    assert CliRunner().invoke(cli, ["start", "--empty", "--name", "Trial"]).exit_code == 0

    def bring(file: Path = folder / "toenail_visits.csv") -> Result:
        options = ["--protocol", "toenail-trial", "--protocols", str(folder), "--date", "Visit date"]
        options += ["--patient", "patient", "--date-format", "%d %b %Y"]
        return CliRunner().invoke(cli, ["import-visits", str(file), *options])

    return bring


@pytest.mark.skipif(not REAL_DATA, reason="CLINIC_REAL_DATA names no folder with the trial's visits")
def test_a_trial_s_visits_are_imported(trial, path):
    """Every visit of every patient, as one change; the flags then need no file but the clinic's; and only once."""
    done = trial()
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith(
        "toenail_visits.csv: 1,908 visits of 294 new patients added in 294 new treatment plans"
    )
    store = Store(path)
    assert rows(store, "select count(*), count(distinct patient_id), sum(attendance_assumed) from visits") == [
        (1908, 294, 1908)
    ]
    assert one(store, "select count(*) from changes where action like 'import visits%'") == 1

    flags = CliRunner().invoke(cli, ["flags", "--as-of", "1998-06-15"])
    assert flags.exit_code == 0
    assert len(flags.stdout.splitlines()) > 10
    assert re.fullmatch(rf"{len(flags.stdout.splitlines())} flags on 15 Jun 1998\.\n", flags.stderr)

    before = contents(store)
    again = trial()
    assert again.stdout.startswith("toenail_visits.csv: 0 visits of 0 new patients")
    assert again.stdout.endswith("1,908 known already.\n")
    assert contents(store) == before


@pytest.mark.skipif(not REAL_DATA, reason="CLINIC_REAL_DATA names no folder with the trial's visits")
def test_a_trial_with_bad_rows_is_not_imported(trial, path, tmp_path):
    """Each of the bad rows is named by its line, and no good one is taken."""
    lines = (Path(REAL_DATA or "") / "toenail_visits.csv").read_text().splitlines()
    for line, wrong in ((2, "31 Feb 1998"), (1000, "05/01/1998"), (1909, "")):
        cells = lines[line - 1].split(",")
        lines[line - 1] = ",".join([cells[0], wrong, *cells[2:]])
    lines[499] = "," + lines[499].split(",", 1)[1]
    (tmp_path / "bad.csv").write_text("\n".join(lines))
    before = contents(Store(path))
    refusal = trial(tmp_path / "bad.csv")
    refused(refusal, r"bad\.csv: 4 rows can't be imported, so nothing was imported:")
    assert [line.split(": ")[:2] for line in refusal.stderr.splitlines()[1:]] == [
        ["  line 2", "'31 Feb 1998'"],
        ["  line 500", "''"],
        ["  line 1000", "'05/01/1998'"],
        ["  line 1909", "''"],
    ]
    assert contents(Store(path)) == before

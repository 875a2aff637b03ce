"""What is not served at all, what the screen and the log say when something breaks, and what leaves the clinic."""

import csv
import io
import re
import socket as network
import subprocess
import time
from datetime import date, timedelta

import pandas as pd
import pytest
from websockets.exceptions import InvalidStatus

from clinic_data.access.accounts import add_account
from clinic_data.actor import Actor
from clinic_data.courses import open_course
from clinic_data.database import Store
from clinic_data.export import csv_file
from clinic_data.patients import read_patient, register_patient
from clinic_data.practitioners import add_practitioner
from tests.browser.app import ROOT, environment_for, run_clinic, served, serving
from tests.gate.clinic import ACTOR, NAMES, WORDS, fill, one, write
from tests.gate.conftest import secrets_in
from tests.gate.visitor import Page, sign_in, socket, token, visitor

STARTS = ("=", "+", "-", "@", "\t", "\r", "＝")
FORMULAS = [f"{start}HYPERLINK(A1)" for start in STARTS]


def refused(database, *options: str) -> str:
    """What the program says when it refuses to serve; its exit code is 2."""
    with network.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    done = subprocess.run(
        serving(port, *options),
        cwd=ROOT,
        env=environment_for(database),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    said = done.stderr.strip()
    assert said.startswith("Error: ")
    assert "\n" not in said
    return said


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A small demo's folder, served, where nobody can sign in."""
    with served(tmp_path_factory.mktemp("demo"), "--patients", "5", now=None) as demo:
        yield demo


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    """A clinic's own file, served, that a test may break."""
    with served(tmp_path_factory.mktemp("broken"), "--empty", "--name", "Broken", now=None, fill=fill) as broken:
        yield broken


def test_a_clinic_s_own_file_is_not_served_before_anybody_can_sign_in(tmp_path):
    """An own file without accounts, or with a disabled manager's only, is refused in a sentence and exit code 2."""
    database = tmp_path / "clinic.db"
    run_clinic(database, "start", "--empty", "--name", "Own")
    assert "nobody can sign in" in refused(database)
    run_clinic(database, "account", "add", "ada", "--name", "Ada", "--role", "manager", typed=f"{WORDS}\n")
    write(Store(database), "update accounts set active = 0")
    assert "nobody can sign in" in refused(database)


def test_a_demo_is_not_served_to_other_machines_before_anybody_can_sign_in(demo):
    """A demo without accounts is refused, with exit code 2, on any address but this machine's own."""
    everywhere = ("--server.address", "0.0.0.0", "--browser.serverAddress", "127.0.0.1")  # noqa: S104
    assert "people must sign in" in refused(demo.database, *everywhere)


def test_there_is_no_file_to_serve(tmp_path):
    """Without a file the program says how to make one."""
    assert "clinic.py start" in refused(tmp_path / "none.db")


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8501"},
        {"host": "127.0.0.1.evil.example"},
        {"x-forwarded-for": "203.0.113.5"},
        {"x-forwarded-for": "127.0.0.1, 203.0.113.5"},
    ],
    ids=str,
)
def test_a_demo_is_open_under_its_own_name_alone(demo, headers):
    """A name that points here from elsewhere, and a proxy, find a demo closed: no page, no websocket."""
    with visitor(demo.address) as client:
        assert client.get("/").status_code == 200
        assert client.get("/", headers=headers).status_code in (400, 403)
        assert client.get("/media/x", headers=headers).status_code in (400, 403)
    with pytest.raises(InvalidStatus), socket(demo.address, headers=list(headers.items())):
        pass


def test_a_demo_takes_no_identity_from_a_header(demo):
    """At a demo where nobody signs in, a made-up sign-in number is thrown away and the desk stays the desk."""
    with socket(demo.address, headers=[("X-Clinic-Sign-In", "1")]) as connection:
        assert "Demo clinic" in Page(connection).run()


@pytest.mark.parametrize(
    ("damage", "repair"),
    [
        ("alter table visits rename to hidden", "alter table hidden rename to visits"),
        (
            "update protocols set content = 'Ines Example' || content",
            "update protocols set content = substr(content, 13)",
        ),
    ],
    ids=["a table is gone", "a protocol can't be read"],
)
def test_a_page_that_breaks_says_a_number_and_no_more(broken, damage, repair):
    """The browser gets a sentence with a number; the log has number, kind and places, but no message and no name."""
    store = Store(broken.database)
    with visitor(broken.address) as client:
        sign_in(client, "ada")
        with socket(broken.address, token(client)) as connection:
            page = Page(connection, allowed=True)
            page.run()
            write(store, damage)
            write(store, "update revision set number = number + 1")
            try:
                drawn = page.run()
            finally:
                write(store, repair)
                write(store, "update revision set number = number + 1")
            assert "Own Patient" in page.run(), "repaired, the page is there again"
    log = broken.log()
    assert "Traceback" not in drawn + log
    assert not re.search(r"\.py[:\"', ]*\d|line \d", drawn)
    assert not any(word in drawn + log for word in ("Ines Example", "no such table"))
    assert secrets_in(log, store) == []
    if "Something went wrong" in drawn:
        number = re.search(r"\*\*([0-9a-f]{8})\*\*", drawn)[1]
        assert re.search(rf"trouble {number}: \w+ at /", log)


def test_an_error_outside_a_page_says_nothing(broken):
    """When the file itself can't be read, the gate answers with one word, and the log has the kind but no message."""
    store = Store(broken.database)
    write(store, "alter table settings rename to hidden")
    try:
        with visitor(broken.address) as client:
            response = client.get("/login")
    finally:
        write(store, "alter table hidden rename to settings")
    assert (response.status_code, response.text) == (500, "Internal Server Error")
    # The server writes this after it has answered.
    deadline = time.monotonic() + 10
    while "Exception in ASGI application: OperationalError at" not in broken.log():
        assert time.monotonic() < deadline, broken.log()
        time.sleep(0.05)
    assert "no such table" not in broken.log()


def test_when_nobody_s_sign_in_can_be_looked_up_every_page_closes(broken):
    """While the sign-ins can't be read, pages are closed rather than left open."""
    store = Store(broken.database)
    with visitor(broken.address) as client:
        sign_in(client, "ada")
        with socket(broken.address, token(client), path="/gate/watch") as watch:
            write(store, "alter table sign_ins rename to hidden")
            try:
                with pytest.raises(Exception, match="1008"):
                    watch.recv(10)
            finally:
                write(store, "alter table hidden rename to sign_ins")
        assert client.get("/").status_code == 200


def test_an_altered_trail_is_found(tmp_path):
    """An entry changed by raw SQL, past the triggers, makes `audit verify` name it and exit with 2."""
    database = tmp_path / "clinic.db"
    run_clinic(database, "start", "--empty", "--name", "Own")
    fill(database)
    store = Store(database)
    head = run_clinic(database, "audit", "head").stdout.strip()
    assert "The trail is whole" in run_clinic(database, "audit", "verify", "--head", head).stdout
    for statement in ("update trail set actor = 'Nobody' where id = 3", "delete from trail where id = 3"):
        with pytest.raises(Exception, match="only be added to"):
            write(store, statement)
    write(store, "drop trigger trail_is_not_changed")
    write(store, "update trail set actor = 'Nobody' where id = 3")
    said = run_clinic(database, "audit", "verify", fails=True)
    assert said.returncode == 2
    assert "entry 3 or the one before it was altered" in said.stderr


def test_what_a_change_says_is_sealed_too(tmp_path):
    """A change's row altered by raw SQL is found as well, and so is one that was added beside the trail."""
    database = tmp_path / "clinic.db"
    run_clinic(database, "start", "--empty", "--name", "Own")
    fill(database)
    store = Store(database)
    write(store, "drop trigger changes_are_erased_only")
    write(store, "update changes set actor = 'Somebody else' where id = 2")
    write(
        store,
        "insert into changes (at, actor, role, action, rows) values ('2026-01-01T00:00:00Z', 'x', 'x', 'x', '[{}]')",
    )
    said = run_clinic(database, "audit", "verify", fails=True)
    assert said.returncode == 2
    assert "says was altered" in said.stderr
    assert "stands in no entry" in said.stderr


def test_no_cell_of_an_export_is_a_formula(tmp_path):
    """Formulas stored as names, areas, practitioners and accounts leave as text in every CSV; numbers stay numbers."""
    database = tmp_path / "clinic.db"
    run_clinic(database, "start", "--empty", "--name", "Own")
    store = Store(database)
    for place, start in enumerate(FORMULAS):
        formula = f"{start};{start}\r{start}"
        actor = Actor(formula, "manager", address=formula)
        practitioner = add_practitioner(actor, store, f"{formula}{place}")
        code = register_patient(actor, store, formula, phone=f"+4477009001{place}0")
        open_course(
            actor,
            store,
            read_patient(actor, store, code).id,
            protocol_id="acne-scars",
            area=f"x;{formula}",
            planned_sessions=3,
            opened_on=date.today() - timedelta(days=300),
            practitioner_id=practitioner,
        )
        add_account(actor, store, login=f"person{place}", name=formula, role="manager", password=WORDS)
    for command in (["flags"], ["schedule"], ["audit", "export"]):
        output = tmp_path / "export.csv"
        run_clinic(database, *command, "--output", str(output))
        table = list(csv.reader(io.StringIO(output.read_bytes().decode(), newline="")))
        cells = [cell for row in table for cell in row]
        assert any("HYPERLINK" in cell for cell in cells), command
        assert [cell for cell in cells if is_formula(cell)] == [], command


def is_formula(cell: str) -> bool:
    """Whether a spreadsheet, whose separator may be a semicolon, would run something of a cell."""
    parts = [part.strip() for part in re.split("[;\t\r\n]", cell)]
    runs = [part for part in parts if part.startswith(("=", "+", "-", "@", "＝"))]
    return cell.startswith(("\t", "\r")) or any(not re.fullmatch(r"-?\d+(\.\d+)?", part) for part in runs)


def test_a_page_s_export_is_made_by_the_same_function(store, app):
    """The content of a page's download has the same apostrophes as the command line's files."""
    frame = pd.DataFrame({"text": FORMULAS, "number": [-1.5] * len(FORMULAS)})
    lines = csv_file(ACTOR, store, frame, what="test").decode()
    table = list(csv.reader(io.StringIO(lines, newline="")))[1:]
    assert [row[0] for row in table] == [f"'{text}" for text in FORMULAS]
    assert {row[1] for row in table} == {"-1.5"}


def test_the_file_itself_holds_no_patient_in_its_log(demo, broken):
    """After all of this neither server's log names a patient."""
    for one_of in (demo, broken):
        names = NAMES if one_of is broken else [str(one(Store(demo.database), "select name from patients limit 1"))]
        assert not any(name in one_of.log() for name in names)

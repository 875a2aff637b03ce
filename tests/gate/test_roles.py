"""What a role, or somebody else's patients, keep from whoever has signed in, tried past the screen."""

import json
import re
from datetime import date

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from clinic_data.access.audit import read_trail, verify_trail
from tests.gate.clinic import ACTOR, NAMES, one
from tests.gate.visitor import PATIENCE, token

OTHERS = [name for name in NAMES if name != "Own Patient"]
INJECTED = "' or 1=1 --"
TABLES = "select group_concat(name) from (select name from sqlite_master where type = 'table' order by name)"


def rows(store) -> dict[str, int]:
    """How many rows each table of the clinic's data has."""
    names = ("patients", "courses", "visits", "holds", "agreements", "changes", "accounts", "practitioners", "closures")
    return {name: int(str(one(store, f"select count(*) from {name}"))) for name in names}


def download(page, label: str) -> str:
    """The address of what the button with that label gives."""
    element = next(
        message.delta.new_element.download_button
        for message in page.drawn
        if message.delta.new_element.download_button.label == label
    )
    asked = BackMsg()
    asked.backend_operation_request.request_id = "1"
    asked.backend_operation_request.session_id = page.session
    asked.backend_operation_request.deferred_file.file_id = element.deferred_file_id
    page.connection.send(asked.SerializeToString())
    while True:
        answer = ForwardMsg()
        answer.ParseFromString(page.connection.recv(PATIENCE, decode=False))
        if answer.WhichOneof("type") == "backend_operation_response":
            return answer.backend_operation_response.deferred_file.url


@pytest.mark.parametrize(
    ("login", "hidden"),
    [
        ("rea", {"new-patient", "settings", "accounts", "trail"}),
        ("fred", {"accounts", "trail"}),
        ("pia", {"accounts", "trail"}),
        ("olga", {"accounts", "trail"}),
        ("ada", set()),
    ],
)
def test_a_page_that_is_not_for_a_role_is_not_there(enter, open_page, login, hidden):
    """The pages that a role may not use are not in its navigation, nor drawn by their name or by their number."""
    manager = open_page(enter("ada"))
    manager.run()
    client = enter(login)
    page = open_page(client)
    page.run()
    assert set(manager.pages) - set(page.pages) == hidden
    page.pages |= manager.pages
    for name in sorted(hidden):
        assert client.get(f"/{name}").status_code == 200, "the frame of every page is the same"
        for asked in (name, manager.pages[name]):
            drawn = page.run(page=asked)
            assert "page_not_found" in drawn
            assert "failed sign-in" not in drawn
            assert "Signs in as" not in drawn


def test_a_read_only_account_that_sends_a_form_s_state_changes_nothing(store, enter, open_page):
    """The register form, filled in and sent over a read-only account's websocket, registers nobody."""
    manager = open_page(enter("ada"))
    manager.run()
    manager.run(page="new-patient")
    filled = {manager.widget("Name"): "Smuggled In", manager.widget("Register"): True}
    page = open_page(enter("rea"))
    page.run()
    before = rows(store)
    for asked in ("new-patient", manager.pages["new-patient"], ""):
        page.pages |= manager.pages
        page.run(page=asked, widgets=filled)
    assert rows(store) == before
    manager.run(page="new-patient", widgets=filled)
    assert rows(store)["patients"] == before["patients"] + 1, "the same state does it for a manager"


def test_a_read_only_account_presses_no_button_of_a_patient_s_page(store, codes, enter, open_page):
    """“Save” and “Undo” of a manager's page, pressed over a read-only account's websocket, do nothing."""
    query = f"patient={codes.own}"
    manager = open_page(enter("ada"))
    manager.run()
    manager.run(query, page="patient")
    tabs = manager.tabs()
    manager.run(query, page="patient", widgets={tabs: "Changes"})
    undo = manager.widget("Undo")
    page = open_page(enter("rea"))
    page.run()
    before = rows(store)
    drawn = page.run(query, page="patient", widgets={tabs: "Changes", undo: True})
    assert "Own Patient" in drawn
    assert rows(store) == before
    with pytest.raises(LookupError):
        page.widget("Undo")
    with pytest.raises(LookupError):
        page.widget("Record")


def test_a_patient_who_is_not_one_s_own_is_not_there(store, codes, enter, open_page):
    """Who sees her own patients only gets, for another's code, the words for a code that does not exist."""
    page = open_page(enter("olga"))
    assert "Own Patient" in page.run()
    assert "Own Patient" in page.run(f"patient={codes.own}", page="patient")
    drawn = page.run(f"patient={codes.other}", page="patient")
    unknown = page.run("patient=doesnotexi", page="patient")
    assert "There is no patient with this code" in drawn
    assert "There is no patient with this code" in unknown
    assert not any(name in drawn for name in OTHERS)


@pytest.mark.parametrize("name", ["caseload", "", "behind"])
def test_lists_and_figures_hold_one_s_own_patients_only(enter, open_page, name):
    """No page that lists or counts holds another's patient, whatever its address asks for."""
    page = open_page(enter("olga"))
    page.run()
    for query in ("", "practitioner=No+practitioner", "figure=plans", "figure=open_flags&by=0", "area=Cheeks"):
        drawn = page.run(query, page=name)
        assert not any(other in drawn for other in OTHERS)


def test_the_search_finds_one_s_own_patients_only(enter, open_page):
    """A search for a word that all patients' names share finds one's own."""
    page = open_page(enter("olga"))
    page.run()
    box = page.widget("Find a patient")
    assert "No patient has this name" in page.run(widgets={box: "Example"})
    assert "Own Patient" in page.run(widgets={box: "Patient"})


@pytest.mark.parametrize("name", ["caseload", "", "patient", "behind", "trail", "settings"])
def test_sql_in_an_address_is_text(store, enter, open_page, name):
    """SQL as a filter, day, code or figure in an address: the page stands, shows no more, and no table is touched."""
    tables, before = one(store, TABLES), rows(store)
    page = open_page(enter("olga" if name in ("caseload", "", "patient", "behind") else "ada"))
    page.run()
    for key in ("practitioner", "protocol", "area", "flag", "day", "patient", "figure", "part", "by"):
        drawn = page.run(f"{key}=%27+or+1%3D1+--&{key}=%27%3B+drop+table+patients%3B--", page=name)
        assert name in ("trail", "settings") or not any(other in drawn for other in OTHERS)
    assert (one(store, TABLES), rows(store)) == (tables, before)


def test_sql_in_the_search_is_text(store, enter, open_page):
    """SQL, wildcards and NUL in the search find nobody."""
    page = open_page(enter("ada"))
    page.run()
    box = page.widget("Find a patient")
    for text in (INJECTED, "%", "_", "*", "\\", "'; drop table patients; --", 'x" or "1', "a\x00b"):
        drawn = page.run(widgets={box: text})
        assert "No patient has this name" in drawn
    assert rows(store)["patients"] >= len(NAMES)


def test_another_s_streamlit_session_is_not_given(enter, open_page):
    """A websocket that names another's open Streamlit session gets one of its own; the other's goes on."""
    victim = open_page(enter("ada"))
    victim.run()
    page = open_page(enter("rea"), session=victim.session)
    drawn = page.run()
    assert page.session != victim.session
    assert "Rea Account" in drawn
    assert "Ada Account" in victim.run()


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_no_file_is_taken(enter, open_page, method):
    """A file for one's own session, for another's or for none is refused before it is read, announced or in pieces."""
    victim, client = open_page(enter("ada")), enter("rea")
    victim.run()
    own = open_page(client)
    own.run()
    for session in (victim.session, own.session, "none"):
        for content in (b"x", b"x" * 30_000_000, (b"x" * 1000 for _ in range(100))):
            response = client.request(method, f"/_stcore/upload_file/{session}/1", content=content)
            assert (response.status_code, response.text) == (403, "No page here takes a file.")


def test_an_export_is_for_those_who_signed_in(store, enter, open_page, anybody):
    """The trail's export is made when it is pressed, stands in the trail, and opens for nobody without a sign-in."""
    client = enter("ada")
    page = open_page(client)
    page.run()
    page.run(page="trail")
    before = one(store, "select count(*) from trail where kind = 'export'")
    address = download(page, "Export as CSV")
    assert one(store, "select count(*) from trail where kind = 'export'") == before + 1
    table = client.get(address)
    assert table.headers["content-disposition"].startswith('attachment; filename="trail-')
    assert table.text.splitlines()[0].startswith("number,at,actor,role")
    assert anybody.get(address).status_code == 401
    client.post("/logout")
    client.cookies.set("clinic_sign_in", "x" * 43)
    assert client.get(address).status_code == 401


def test_what_a_page_sends_holds_no_hash_and_no_token(store, enter, open_page):
    """The pages for accounts, the trail and the settings send a manager no password hash, secret or digest."""
    client = enter("ada")
    page = open_page(client)
    page.run()
    drawn = "".join(page.run(page=name) for name in ("accounts", "trail", "settings"))
    with store.read() as db:
        kept = [row["password_hash"] for row in db.query("select password_hash from accounts")]
        kept += [row["token_digest"] for row in db.query("select token_digest from sign_ins")]
        kept += [row["digest"] for row in db.query("select digest from recovery_codes")]
    assert not any(secret in drawn for secret in [*kept, "argon2", token(client)])
    everything = json.dumps(read_trail(ACTOR, store).astype(str).to_dict("records"))
    assert not re.search("argon2|JBSWY3DP", everything)


def test_looking_stands_in_the_trail(store, codes, enter, open_page):
    """Who looked at which patient, from where, stands in the trail, and the trail is whole."""
    page = open_page(enter("olga"))
    page.run()
    page.run(f"patient={codes.own}", page="patient")
    views = read_trail(ACTOR, store, kinds=["view"], actors=["Olga Account"])
    assert codes.own in set(views["patient"])
    assert views["at"].iloc[0].date() >= date(2026, 1, 1)
    assert verify_trail(ACTOR, store).faults == ()

"""A clinic's own file with patients and accounts of every kind, and what its people know."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pyotp

from clinic_data.access.accounts import add_account
from clinic_data.access.second_factor import turn_on
from clinic_data.actor import MANAGER, Actor
from clinic_data.courses import open_course
from clinic_data.database import Store
from clinic_data.patients import read_patient, register_patient
from clinic_data.practitioners import add_practitioner
from clinic_data.settings import read_settings
from tests.browser.app import run_clinic

ACTOR = Actor("Test", MANAGER)
TOMS_APP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
WORDS = "seven quiet mornings by the lake"
"""Everybody's password."""

NAMES = ("Ines Example", "Otto Example", "Lale Example", "Ravi Example", "Own Patient")
"""The patients' names: none of them may reach anybody who is not signed in, or the log."""

ACCOUNTS = {
    "ada": ("manager", ""),
    "pia": ("practitioner", ""),
    "fred": ("front_desk", ""),
    "rea": ("read_only", ""),
    "olga": ("practitioner", "own"),
    "tom": ("front_desk", "second factor"),
    "mona": ("practitioner", "temporary"),
}
"""Who signs in, in which role, and what is special: Olga sees her own patients only, Tom uses an authenticator app, and
Mona has to change her password."""


@dataclass(frozen=True)
class Codes:
    """The public codes of a patient of Olga's and of one of somebody else's."""

    own: str
    other: str


def fill(database: Path) -> None:
    """Import visits, register a patient of Olga's, and make the accounts."""
    run_clinic(
        database,
        *("import-visits", "docs/example/visits.csv", "--protocol", "acne-scars", "--patient", "Client ID"),
        *("--name", "Name", "--date", "Appointment", "--date-format", "%d.%m.%Y", "--status", "Attendance"),
        *("--area", "Cheeks"),
    )
    store = Store(database)
    practitioner = add_practitioner(ACTOR, store, "Dr Own")
    patient = read_patient(ACTOR, store, register_patient(ACTOR, store, "Own Patient"))
    open_course(
        ACTOR,
        store,
        patient.id,
        protocol_id="acne-scars",
        area="Chin",
        planned_sessions=3,
        opened_on=read_settings(ACTOR, store).today - timedelta(days=60),
        practitioner_id=practitioner,
    )
    for login, (role, about) in ACCOUNTS.items():
        own = {"practitioner_id": practitioner, "own_patients_only": True} if about == "own" else {}
        if login == "ada":
            run_clinic(database, "account", "add", "ada", "--name", name_of(login), "--role", role, typed=f"{WORDS}\n")
            continue
        add_account(
            ACTOR,
            store,
            login=login,
            name=name_of(login),
            role=role,
            password=WORDS,
            must_change_password=about == "temporary",
            **own,
        )
    tom = Actor(name_of("tom"), "front_desk", account_id=account_id(store, "tom"))
    turn_on(tom, store, secret=TOMS_APP, code=pyotp.TOTP(TOMS_APP).now(), password=WORDS)


def name_of(login: str) -> str:
    """An account's name."""
    return f"{login.title()} Account"


def account_id(store: Store, login: str) -> int:
    """An account's number."""
    return int(one(store, "select id from accounts where login = ?", login))


def codes(store: Store) -> Codes:
    """A patient's code of each kind."""
    return Codes(
        str(one(store, "select code from patients where name = 'Own Patient'")),
        str(one(store, "select code from patients where name = 'Ines Example'")),
    )


def one(store: Store, query: str, *values: object) -> object:
    """The one value that a query gives."""
    with store.read() as db:
        return db.execute(query, values).fetchone()[0]


def write(store: Store, statement: str, *values: object) -> None:
    """Write into the file as nobody should: past every function of the program."""
    with store.writing("test") as db:
        db.execute(statement, values)

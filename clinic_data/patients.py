"""Patients: who they are, how they are found, how they may be reached."""

import re
import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
from sqlite_utils import Database

from clinic_data.access import trail
from clinic_data.access.own import is_own, limited, own_value
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.allowed import day_between, one_of, text_of, text_or_none
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.settings import read_settings
from lib.words import PATIENT_STATUSES

CODE_LETTERS = "bcdfghjkmnpqrstvwxz23456789"
"""What a public code is made of: no vowel, so no word; nothing that looks like something else."""

CODE_LENGTH = 10
FOUND_AT_MOST = 20
MERGED = "merged"
"""The system of an identifier that is the code of a record merged into this one."""

IS_MERGED = f"code in (select value from patient_identifiers where system = '{MERGED}')"
"""Whether a row of patients has been merged into another: nothing belongs to it any more."""

CHANNELS = ("phone", "text", "email", "post")
SKIN_TYPES = ("normal", "oily", "dry", "combination", "sensitive")
CONTACT = ("yes", "no_marketing", "none")

_WITHOUT_STROKE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "’": "'"}
)
"""Letters that Unicode does not take apart, as people without them on their keyboard write them."""


@dataclass(frozen=True)
class Patient:
    """One patient; `code` is what may stand in an address, never the name."""

    id: int
    code: str
    name: str
    phone: str | None
    email: str | None
    born_on: date | None
    preferred_channel: str | None
    skin_type: str | None
    fitzpatrick: int | None
    status: str
    status_on: date | None
    contact_allowed: str
    factors: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]


def new_code() -> str:
    """A public code that tells nothing about the patient."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def fold(name: str) -> str:
    """A name as it is searched: without case and diacritics."""
    apart = unicodedata.normalize("NFKD", name.casefold().translate(_WITHOUT_STROKE))
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())


def phone_digits(phone: str) -> str:
    """A phone number as it is searched: its digits, without an international or trunk prefix of zeros."""
    return _digits(phone.replace("(0)", "")).lstrip("0")


@needs("register patients")
def register_patient(
    actor: Actor,
    store: Store,
    name: str,
    *,
    phone: str | None = None,
    email: str | None = None,
    born_on: date | None = None,
    preferred_channel: str | None = None,
    skin_type: str | None = None,
    fitzpatrick: int | None = None,
    contact_allowed: str = "yes",
    factors: Sequence[str] = (),
) -> str:
    """A new patient; returns the public code.

    NotAllowed for an empty name, an impossible birth date or email, or a patient of the same name, birth date
    and phone.
    """
    today = read_settings(actor, store).today
    name, reach = text_of(name, "the name"), _reach(phone, email, preferred_channel, contact_allowed)
    if born_on is not None:
        day_between(born_on, "the birth date", today, back=120 * 366, ahead=0)
    if skin_type is not None:
        one_of(skin_type, SKIN_TYPES, "the skin type")
    if fitzpatrick is not None and not 1 <= fitzpatrick <= 6:
        raise NotAllowed("Fitzpatrick's scale goes from 1 to 6")
    code = new_code()
    row = {
        "code": code,
        "name": name,
        "folded_name": fold(name),
        "born_on": born_on.isoformat() if born_on else None,
        "skin_type": skin_type,
        "fitzpatrick": fitzpatrick,
        **reach,
    }
    with store.change(actor, "register a patient") as change:
        same = "select id, code from patients where folded_name = ? and born_on is ? and phone_digits is ?"
        known = next(change.db.query(same, [row["folded_name"], row["born_on"], row["phone_digits"]]), None)
        if known:
            which = f"code {known['code']}" if is_own(change.db, actor, known["id"]) else "another practitioner"
            raise NotAllowed(f"a patient of this name, birth date and phone is there already, with {which}")
        change.patient_id = change.insert("patients", row)
        for factor in dict.fromkeys(text_of(factor, "a thing to watch") for factor in factors):
            change.insert("patient_factors", {"patient_id": change.patient_id, "factor": factor})
    return code


@needs("see patients")
def read_patient(actor: Actor, store: Store, code: str) -> Patient:
    """The patient with that public code, or into whom the one with it was merged; NotFound where there is none."""
    with store.read() as db:
        row = next(
            db.query(
                "select * from patients where id = coalesce((select patient_id from patient_identifiers"
                " where system = :merged and value = :code), (select id from patients where code = :code))",
                {"merged": MERGED, "code": code},
            ),
            None,
        )
        may_see = row is not None and is_own(db, actor, row["id"])
    if row is None or not may_see:
        if row:
            trail.note(actor, store, "refusal", "see a patient of somebody else", patient_id=row["id"])
        raise NotFound("There is no patient with this code; search by name, code or phone.")
    trail.note_once(actor, store, "view", "patient", patient_id=row["id"])
    with store.read() as db:
        own = [row["id"]]
        factors = db.query("select factor from patient_factors where patient_id = ? order by factor", own)
        known = db.query(
            "select system, value from patient_identifiers where patient_id = ? order by system, value", own
        )
        return Patient(
            id=row["id"],
            code=row["code"],
            name=row["name"],
            phone=row["phone"],
            email=row["email"],
            born_on=_date(row["born_on"]),
            preferred_channel=row["preferred_channel"],
            skin_type=row["skin_type"],
            fitzpatrick=row["fitzpatrick"],
            status=row["status"],
            status_on=_date(row["status_on"]),
            contact_allowed=row["contact_allowed"],
            factors=tuple(factor["factor"] for factor in factors),
            identifiers=tuple((other["system"], other["value"]) for other in known),
        )


@needs("register patients")
def change_contact(
    actor: Actor,
    store: Store,
    patient_id: int,
    *,
    phone: str | None = None,
    email: str | None = None,
    preferred_channel: str | None = None,
    contact_allowed: str = "yes",
    seen: int | None = None,
) -> None:
    """How a patient is reached from now on: all of it, what is not given is not known. NotAllowed as on registering."""
    reach = _reach(phone, email, preferred_channel, contact_allowed)
    with store.change(actor, "change how to reach a patient", patient_id=patient_id, seen=seen) as change:
        before = change.db.table("patients").get(patient_id)
        changed = {name: value for name, value in reach.items() if before[name] != value}
        if changed:
            change.update("patients", patient_id, **changed)


def mark_gone(change: Change, patient_id: int, *, status: str, on: date) -> None:
    """Say as part of a larger change that a patient is gone from that day on: her plans expect nothing more."""
    one_of(status, PATIENT_STATUSES, "the patient's status")
    must_be_here(change.db, patient_id, on)
    change.update("patients", patient_id, status=status, status_on=on.isoformat())


def _reach(phone: str | None, email: str | None, channel: str | None, contact_allowed: str) -> dict[str, str | None]:
    """How a patient is reached, checked, as the file keeps it."""
    phone, email = text_or_none(phone, "the phone"), text_or_none(email, "the email")
    if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        raise NotAllowed(f"an email address such as name@example.com is wanted, not {email!r}")
    if channel is not None:
        one_of(channel, CHANNELS, "the preferred channel")
    return {
        "phone": phone,
        "phone_digits": phone_digits(phone) if phone else None,
        "email": email,
        "preferred_channel": channel,
        "contact_allowed": one_of(contact_allowed, CONTACT, "whether contact is allowed"),
    }


def must_be_here(db: Database, patient_id: int, day: date) -> None:
    """NotAllowed where the patient is gone on that day: no longer one of the clinic's, elsewhere, or dead."""
    gone = "select status, status_on from patients where id = ? and status_on <= ?"
    row = next(db.query(gone, [patient_id, day.isoformat()]), None)
    if row:
        since = date.fromisoformat(row["status_on"])
        raise NotAllowed(
            f"the patient's status since {since:%d %b %Y} is “{PATIENT_STATUSES[row['status']]}”, so nothing can be"
            " entered for that day or a later one"
        )


@needs("see patients")
def find_patients(actor: Actor, store: Store, text: str) -> pd.DataFrame:
    """Patients whose name, code, identifier or phone matches, the likeliest first.

    Every word of the text must occur in the name; a phone is found by any part of its digits, with or
    without country code. Of more than FOUND_AT_MOST there is one more, which says so. Columns: code, name,
    phone, born_on (ISO text), status.
    """
    words, digits = fold(text).split(), phone_digits(text)
    if not words:
        return pd.DataFrame(columns=["code", "name", "phone", "born_on", "status"])
    trail.note_once(actor, store, "search", text.strip())
    values = own_value(actor) | {f"word{place}": f"%{_literal(word)}%" for place, word in enumerate(words)}
    values |= {"start": f"{_literal(words[0])}%", "code": text.strip().lower(), "value": text.strip()}
    by_name = " and ".join(f"folded_name like :word{place} escape '\\'" for place in range(len(words)))
    known_by = "id in (select patient_id from patient_identifiers where value = :value)"
    conditions = [f"({by_name})", "code = :code", known_by]
    if not any(word.isalpha() for word in words):
        # As written too: the last four digits may begin with a zero.
        for place, part in enumerate(part for part in (digits, _digits(text)) if len(part) >= 4):
            conditions += [
                f"phone_digits like :holds{place}",
                f"(length(phone_digits) >= 7 and :part{place} like '%' || phone_digits)",
            ]
            values |= {f"holds{place}": f"%{part}%", f"part{place}": part}
    with store.read() as db:
        cursor = db.execute(
            "select code, name, phone, born_on, status from patients"
            f" where ({' or '.join(conditions)}) and not {IS_MERGED} and {limited(actor, 'id')}"
            " order by folded_name not like :start escape '\\', status <> 'active', folded_name, code limit :most",
            values | {"most": FOUND_AT_MOST + 1},
        )
        return pd.DataFrame(cursor.fetchall(), columns=["code", "name", "phone", "born_on", "status"])


@needs("see patients")
def contacts(actor: Actor, store: Store, patient_ids: list[int]) -> pd.DataFrame:
    """How the given patients are called and reached: columns patient_id, code, name, phone, email,
    preferred_channel, contact_allowed."""
    columns = ["patient_id", "code", "name", "phone", "email", "preferred_channel", "contact_allowed"]
    with store.read() as db:
        cursor = db.execute(
            "select id, code, name, phone, email, preferred_channel, contact_allowed from patients"
            f" where id in (select value from json_each(:ids)) and {limited(actor, 'id')}",
            own_value(actor) | {"ids": "[" + ",".join(str(int(one)) for one in patient_ids) + "]"},
        )
        return pd.DataFrame(cursor.fetchall(), columns=columns)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


def _literal(word: str) -> str:
    """A word with SQL's own wildcards taken literally."""
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None

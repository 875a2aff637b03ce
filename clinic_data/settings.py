"""The clinic's settings: its name, its time zone, whether it is a demo, up to which day bookings are known."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo, available_timezones

from clinic_data import clock
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed, NotReady


@dataclass(frozen=True)
class Settings:
    """What the clinic may set; every value has a usable default."""

    clinic_name: str = "My clinic"
    time_zone: str = "UTC"
    is_demo: bool = False
    bookings_known_until: date | None = None
    sign_out_after_minutes: int = 30
    sign_in_again_after_hours: int = 12
    quiet_days_after_message: int = 4
    quiet_days_after_no_answer: int = 1
    attempts_before_deciding: int = 3
    longest_quiet: int = 120
    names_in_calendar_files: bool = False

    @property
    def today(self) -> date:
        """The clinic's day; NotReady where CLINIC_NOW is set for a clinic that is no demo."""
        if clock.is_set_by_hand() and not self.is_demo:
            raise NotReady(f"{clock.VARIABLE} may be set for a demo clinic only; unset it to work with this file.")
        return clock.today(self.time_zone)


@needs("see settings")
def read_settings(actor: Actor, store: Store) -> Settings:
    """The settings in force."""
    with store.read() as db:
        kept = {row["name"]: row["value"] for row in db.query("select name, value from settings")}
    return Settings(**{f.name: _value(f.name, kept[f.name]) for f in fields(Settings) if f.name in kept})


@needs("see settings")
def bookings_known_on(actor: Actor, store: Store, day: date) -> date | None:
    """Up to which day bookings were known at the end of a day, as the changes tell; None where they tell of none."""
    until = None
    for set_on, value in _bookings_known(actor, store):
        if set_on <= day:
            until = value
    return until


@needs("see settings")
def bookings_known_since(actor: Actor, store: Store) -> date | None:
    """The day on which it was first said up to when bookings are known."""
    return min((set_on for set_on, value in _bookings_known(actor, store) if value), default=None)


@needs("change settings")
def change_settings(actor: Actor, store: Store, **values) -> Settings:
    """Set one or more settings; NotAllowed for an unknown time zone or an empty name."""
    with store.change(actor, "change settings") as change:
        write_settings(change, **values)
    return read_settings(actor, store)


@needs("confirm bookings")
def confirm_bookings(actor: Actor, store: Store, *, known_until: date) -> None:
    """Say up to which day bookings are entered here; NotAllowed for a day after today."""
    if known_until > read_settings(actor, store).today:
        raise NotAllowed("bookings are known up to today at most")
    with store.change(actor, "confirm bookings") as change:
        write_settings(change, bookings_known_until=known_until)


def write_settings(change: Change, **values) -> None:
    """Set settings as part of a larger change."""
    wanted = replace(Settings(), **values)
    if wanted.time_zone not in available_timezones():
        raise NotAllowed(f"time zone {wanted.time_zone!r}: a name such as Europe/London is wanted")
    if not wanted.clinic_name.strip():
        raise NotAllowed("the clinic's name must not be empty")
    for name, (least, most) in LIMITS.items():
        if not least <= getattr(wanted, name) <= most:
            raise NotAllowed(f"{name.replace('_', ' ')}: {least} to {most} is allowed, not {getattr(wanted, name)}")
    kept = {row["name"]: row["value"] for row in change.db.query("select name, value from settings")}
    for name in values:
        text = _text(getattr(wanted, name))
        if kept.get(name, _text(getattr(Settings(), name))) == text:
            continue
        if name in kept:
            change.update("settings", name, value=text)
        else:
            change.insert("settings", {"name": name, "value": text})


LIMITS = {
    "sign_out_after_minutes": (1, 240),
    "sign_in_again_after_hours": (1, 24),
    "quiet_days_after_message": (1, 30),
    "quiet_days_after_no_answer": (1, 30),
    "attempts_before_deciding": (1, 20),
    "longest_quiet": (7, 366),
}
"""The least and the most of the settings that are numbers."""


def _bookings_known(actor: Actor, store: Store) -> Iterator[tuple[date, date | None]]:
    """Each time that `bookings_known_until` was set, in order: the clinic's day, and the value from then on."""
    zone, name = ZoneInfo(read_settings(actor, store).time_zone), "bookings_known_until"
    with store.read() as db:
        changes = list(db.query("select at, rows from changes where rows like ? order by id", [f"%{name}%"]))
    for change in changes:
        set_on = datetime.fromisoformat(change["at"]).astimezone(zone).date()
        for row in json.loads(change["rows"]):
            kept = row.get("after") or row.get("before") or {}
            if row["table"] == "settings" and kept.get("name") == name:
                yield set_on, _value(name, row["after"]["value"] if row["after"] else "")


def _text(value: int | str | bool | date | None) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _value(name: str, text: str):
    if name in ("is_demo", "names_in_calendar_files"):
        return text == "1"
    if name == "bookings_known_until":
        return date.fromisoformat(text) if text else None
    return int(text) if name in LIMITS else text

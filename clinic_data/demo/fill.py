"""Fill an empty file with the demo clinic, as one change."""

from datetime import date

import numpy as np

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Change, Store
from clinic_data.demo import people, situations, treatment
from clinic_data.demo.attendance import CANCELLED_BY, KINDS, STATUSES, Diary, Visits
from clinic_data.demo.closing import REASONS, close_courses, last_visits
from clinic_data.demo.names import PRACTITIONERS
from clinic_data.demo.opening_days import Days, OpeningDays, iso
from clinic_data.demo.pauses import Pauses, draw_pauses, of_courses
from clinic_data.demo.plans import AREAS, CONCERNS, PROTOCOLS, SEVERITIES, Codes, Plans, open_courses
from clinic_data.demo.reviews import hold_first_talks, hold_reviews, share_reviews
from clinic_data.demo.series import AGREEMENTS, Agreed, hold_sessions
from clinic_data.errors import NotAllowed
from clinic_data.protocol_versions import keep_protocol, protocol_files
from clinic_data.settings import write_settings
from lib.schedule import Protocol


@needs("import")
def fill_demo(actor: Actor, store: Store, *, today: date, patients: int = 600, seed: int = 1) -> None:
    """Fill an empty, prepared file with an invented clinic and two years of its visits up to `today`.

    The same day, number of patients and seed give the same clinic. NotAllowed where the file holds patients already.
    """
    if patients < 1:
        raise NotAllowed(f"a demo clinic of {patients} patients: 1 or more are wanted")
    rng = np.random.default_rng(seed)
    days = OpeningDays.around(today)
    protocols = [protocol_files()[name] for name in PROTOCOLS]

    situation = situations.choose(rng, patients)
    steered = situation >= 0
    leavers = people.draw_leavers(rng, days, patients, steered)
    plans = open_courses(rng, days, leavers.on, steered, protocols)
    steered_visits, steered_pauses = situations.steer(rng, days, plans, situation)
    pauses = draw_pauses(rng, days, plans, ~steered & (leavers.status == 0))

    diary = Diary(rng, days, plans, of_courses(pauses, plans))
    goes = np.ones(len(plans), dtype=bool)
    goes[:patients] = ~steered
    hold_first_talks(rng, diary, goes)
    series, agreed = hold_sessions(rng, diary, goes)
    hold_reviews(rng, diary, series)
    visits, second = share_reviews(Visits.join(diary.parts), plans, series)
    last_visit = last_visits(visits, second, plans)
    closed, reason = close_courses(rng, days, plans, series, last_visit, leavers.why_closed())

    visits = Visits.join([visits, steered_visits])
    second = np.concatenate([second, np.full(len(steered_visits), -1)])
    # Visits are numbered as they were entered.
    order = np.lexsort((visits.course, visits.day, visits.recorded))
    visits, second = visits.take(order), second[order]

    with store.change(actor, "fill the demo clinic", kind="import") as change:
        if change.db.table("patients").count:
            raise NotAllowed("a demo clinic is made in an empty file only, and this one holds patients")
        _write_clinic(change, today, days)
        _insert(change, "patients", people.PATIENT_COLUMNS, people.patient_rows(rng, days, plans, leavers))
        _insert(change, "patient_factors", ["patient_id", "factor"], people.factor_columns(rng, patients))
        identifiers = people.identifier_columns(rng, patients)
        _insert(change, "patient_identifiers", ["system", "value", "patient_id"], identifiers)
        _write_courses(change, plans, protocols, closed, reason)
        _write_visits(change, rng, visits, second, plans)
        scores = treatment.score_columns(rng, visits, second, plans, series.series_end)
        _insert_numbered(change, "outcome_scores", treatment.SCORE_COLUMNS, scores)
        _write_pauses(change, Pauses.join([pauses, steered_pauses]))
        _write_agreements(change, agreed)


def _write_clinic(change: Change, today: date, days: OpeningDays) -> None:
    write_settings(
        change, clinic_name="Demo clinic", time_zone="Europe/London", is_demo=True, bookings_known_until=today
    )
    for name in PROTOCOLS:
        keep_protocol(change, name)
    _insert_numbered(change, "practitioners", ["name"], [PRACTITIONERS])
    starts, ends, reasons = (list(column) for column in zip(*days.closures, strict=True))
    dates = [[day.isoformat() for day in column] for column in (starts, ends)]
    _insert_numbered(change, "closures", ["starts_on", "ends_on", "reason"], [*dates, reasons])


def _write_courses(change: Change, plans: Plans, protocols: list[Protocol], closed: Days, reason: Codes) -> None:
    dates = iso(closed)
    reasons = [REASONS[code] if on else None for code, on in zip(reason.tolist(), dates, strict=True)]
    columns = {
        "patient_id": (plans.patient + 1).tolist(),
        "protocol_id": _words(PROTOCOLS, plans.protocol),
        "protocol_version": np.array([p.version for p in protocols])[plans.protocol].tolist(),
        "area": _words(AREAS, plans.area),
        "concern": _words(CONCERNS, plans.concern),
        "severity": _words(SEVERITIES, plans.severity),
        "planned_sessions": plans.planned.tolist(),
        "practitioner_id": (plans.practitioner + 1).tolist(),
        "opened_on": iso(plans.opened),
        "closed_on": dates,
        "closed_reason": reasons,
    }
    _insert_numbered(change, "courses", list(columns), list(columns.values()))


def _write_visits(change: Change, rng: np.random.Generator, visits: Visits, second: Codes, plans: Plans) -> None:
    ids = list(range(1, len(visits) + 1))
    patients = (plans.patient[visits.course] + 1).tolist()
    depths, devices, notes = treatment.depths_devices_notes(rng, visits, plans)
    columns = {
        "patient_id": patients,
        "kind": _words(KINDS, visits.kind),
        "visit_date": iso(visits.day),
        "status": _words(STATUSES, visits.status),
        "cancelled_by": _words(CANCELLED_BY, visits.cancelled_by),
        "cancelled_on": iso(visits.cancelled_on),
        "recorded_on": iso(visits.recorded),
        "practitioner_id": treatment.practitioners(rng, visits, plans),
        "depth_mm": depths,
        "device": devices,
        "notes": notes,
        "source": ["demo"] * len(visits),
        "source_key": list(map(str, ids)),
    }
    _insert_numbered(change, "visits", list(columns), list(columns.values()))
    links = ["course_id", "visit_id", "patient_id"]
    _insert(change, "visit_courses", links, [(visits.course + 1).tolist(), ids, patients])
    both = np.flatnonzero(second >= 0)
    whose = (plans.patient[second[both]] + 1).tolist()
    _insert(change, "visit_courses", links, [(second[both] + 1).tolist(), (both + 1).tolist(), whose])


def _write_pauses(change: Change, pauses: Pauses) -> None:
    dates = [iso(column) for column in (pauses.starts, pauses.ends, pauses.check, pauses.recorded)]
    names = ["patient_id", "area", "cause", "reason", "starts_on", "ends_on", "check_on", "recorded_on"]
    _insert_numbered(change, "holds", names, [(pauses.patient + 1).tolist(), *pauses.rows(), *dates])


def _write_agreements(change: Change, agreed: Agreed) -> None:
    notes = _words([note for note, _, _ in AGREEMENTS], agreed.which)
    dates = [iso(column) for column in (agreed.agreed, agreed.due, agreed.last)]
    names = ["course_id", "kind", "note", "agreed_on", "due_on", "last_on"]
    _insert_numbered(
        change, "agreements", names, [(agreed.course + 1).tolist(), ["session"] * len(notes), notes, *dates]
    )


def _insert(change: Change, table: str, names: list[str], columns: list[list]) -> None:
    change.insert_many(table, columns=names, rows=list(zip(*columns, strict=True)))


def _insert_numbered(change: Change, table: str, names: list[str], columns: list[list]) -> None:
    _insert(change, table, ["id", *names], [list(range(1, len(columns[0]) + 1)), *columns])


def _words(words: list, codes: Codes) -> list:
    return np.array(words, dtype=object)[codes].tolist()

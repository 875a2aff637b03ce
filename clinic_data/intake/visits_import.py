"""Visits of another system become visits of the clinic: all of a file or nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Change, Store
from clinic_data.errors import NotAllowed
from clinic_data.intake.visits_file import Columns, FileVisit, read_visits_file
from clinic_data.patients import fold, new_code
from clinic_data.protocol_versions import SHIPPED, keep_protocol
from clinic_data.settings import read_settings, write_settings
from lib.schedule import Protocol


@dataclass(frozen=True)
class Imported:
    """What an import did: new visits, patients and treatment plans; visits resolved, and visits left alone."""

    visits: int
    patients: int
    courses: int
    resolved: int
    unchanged: int


@needs("import")
def import_visits(
    actor: Actor,
    store: Store,
    path: Path,
    columns: Columns,
    *,
    protocol_id: str,
    date_format: str,
    protocols: Path = SHIPPED,
    means: Mapping[str, str] | None = None,
    system: str = "visits file",
    area: str = "Not recorded",
    progress: Callable[[Sequence[FileVisit]], Iterable[FileVisit]] = iter,
) -> Imported:
    """Take in the sessions of a CSV file under one protocol, in one transaction.

    A patient is known by (system, value of the patient column), never by name. A visit that the file has
    already is not added again; where it was booked, or its attendance assumed, a later file may say how it
    went. A patient without an open plan for the area under the protocol gets one, opened on the first of her visits.
    Raises BadRows or NotAllowed, and then nothing is kept.
    """
    today = read_settings(actor, store).today
    visits = read_visits_file(path, columns, date_format, today, means)
    if not system.strip() or not area.strip():
        raise NotAllowed("the other system's name and the area must not be empty")
    with store.change(actor, f"import visits from {path.name}", kind="import") as change:
        protocol = keep_protocol(change, protocol_id, protocols)
        return _Import(change, protocol, system.strip(), area.strip(), today).take(visits, progress)


class _Import:
    """One import in progress."""

    def __init__(self, change: Change, protocol: Protocol, system: str, area: str, today: date):
        self.change, self.protocol, self.system, self.area, self.today = change, protocol, system, area, today
        query = change.db.query
        self.patients = {
            row["value"]: row["patient_id"]
            for row in query("select value, patient_id from patient_identifiers where system = ?", [system])
        }
        self.courses = {
            row["patient_id"]: row["id"]
            for row in query(
                "select id, patient_id from courses where protocol_id = ? and area = ? and closed_on is null"
                " order by id desc",
                [protocol.id, area],
            )
        }
        self.known = {
            row["source_key"]: row
            for row in query("select source_key, id, status, attendance_assumed from visits where source = ?", [system])
        }

    def take(self, visits: Sequence[FileVisit], progress: Callable) -> Imported:
        """Keep the visits; what is new is inserted table by table."""
        names: dict[str, str] = {}
        new: list[FileVisit] = []
        resolved = 0
        for visit in progress(visits):
            names.setdefault(visit.patient, visit.name)
            known = self.known.get(self._key(visit))
            if known is None:
                new.append(visit)
            elif self._resolves(visit, known):
                self._resolve(visit, known)
                resolved += 1
        first_day: dict[str, date] = {}
        for visit in new:
            first_day[visit.patient] = min(visit.day, first_day.get(visit.patient, visit.day))
        patients = self._add_patients({value: names[value] for value in first_day if value not in self.patients})
        courses = self._add_courses(
            {self.patients[v]: day for v, day in first_day.items() if self.patients[v] not in self.courses}
        )
        self._add_visits(new)
        if any(visit.status == "booked" and visit.day > self.today for visit in visits):
            # A file that holds coming bookings tells, until the next one, who has booked.
            write_settings(self.change, bookings_known_until=self.today)
        return Imported(len(new), patients, courses, resolved, len(visits) - len(new) - resolved)

    def _key(self, visit: FileVisit) -> str:
        return f"{self.protocol.id} {self.area} {visit.day.isoformat()} {visit.patient}"

    @staticmethod
    def _resolves(visit: FileVisit, known: Mapping) -> bool:
        """Whether the file knows more of a visit than the clinic does."""
        open_here = known["status"] == "booked" or known["attendance_assumed"]
        return bool(open_here) and not visit.assumed and visit.status != "booked"

    def _resolve(self, visit: FileVisit, known: Mapping) -> None:
        called_off = {"cancelled_on": self.today.isoformat()} if visit.status == "cancelled" else {}
        self.change.update("visits", known["id"], status=visit.status, attendance_assumed=0, **called_off)

    def _add_patients(self, names: Mapping[str, str]) -> int:
        first = self.change.next_id("patients")
        ids = dict(zip(names, range(first, first + len(names)), strict=True))
        self.change.insert_many(
            "patients",
            ["id", "code", "name", "folded_name"],
            [(ids[value], new_code(), name, fold(name)) for value, name in names.items()],
        )
        self.change.insert_many(
            "patient_identifiers",
            ["system", "value", "patient_id"],
            [(self.system, value, patient) for value, patient in ids.items()],
        )
        self.patients |= ids
        return len(ids)

    def _add_courses(self, opened: Mapping[int, date]) -> int:
        first = self.change.next_id("courses")
        ids = dict(zip(opened, range(first, first + len(opened)), strict=True))
        planned = self.protocol.sessions.planned
        self.change.insert_many(
            "courses",
            ["id", "patient_id", "protocol_id", "protocol_version", "area", "planned_sessions", "opened_on"],
            [
                (ids[patient], patient, self.protocol.id, self.protocol.version, self.area, planned, day.isoformat())
                for patient, day in opened.items()
            ],
        )
        self.courses |= ids
        return len(ids)

    def _add_visits(self, visits: Sequence[FileVisit]) -> None:
        first = self.change.next_id("visits")
        rows, links = [], []
        for visit_id, visit in enumerate(visits, start=first):
            patient = self.patients[visit.patient]
            # When another system entered a visit is not known; a booking is known from today on.
            recorded = self.today.isoformat() if visit.status == "booked" else None
            rows.append(
                (
                    visit_id,
                    patient,
                    "session",
                    visit.day.isoformat(),
                    visit.status,
                    int(visit.assumed),
                    recorded,
                    self.system,
                    self._key(visit),
                )
            )
            links.append((self.courses[patient], visit_id, patient))
        columns = "id patient_id kind visit_date status attendance_assumed recorded_on source source_key".split()
        self.change.insert_many("visits", columns, rows)
        self.change.insert_many("visit_courses", ["course_id", "visit_id", "patient_id"], links)

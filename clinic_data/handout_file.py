"""The handout that a patient takes home, as a page to print and as a PDF."""

from pathlib import Path

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clinic_data import clock
from clinic_data.access import trail
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.errors import NotFound
from clinic_data.handout_pdf import as_pdf
from clinic_data.patients import contacts
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import read_settings
from clinic_data.waivers import read_waivers
from lib.handout import Handout, Plan, handout

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@needs("export")
def handout_html(actor: Actor, store: Store, patient_id: int, course_id: int) -> bytes:
    """Today's handout of one treatment plan as one HTML page that needs nothing but itself; noted in the trail.

    NotFound for a plan that is not this patient's, or of a patient whom the actor may not see.
    """
    page = TEMPLATES.get_template("handout.html").render(page=_handout(actor, store, patient_id, course_id))
    trail.note(actor, store, "export", "handout to print", patient_id=patient_id)
    return page.encode()


@needs("export")
def handout_pdf(actor: Actor, store: Store, patient_id: int, course_id: int) -> bytes:
    """The same as a PDF."""
    page = as_pdf(_handout(actor, store, patient_id, course_id), made_at=clock.now())
    trail.note(actor, store, "export", "handout as PDF", patient_id=patient_id)
    return page


def _handout(actor: Actor, store: Store, patient_id: int, course_id: int) -> Handout:
    settings = read_settings(actor, store)
    known = read_schedule_input(actor, store, settings.today, patient_ids=[patient_id])
    course = next((one for one in known.courses.to_dict("records") if one["course_id"] == course_id), None)
    if course is None:
        raise NotFound("This treatment plan is not there any more.")
    person = contacts(actor, store, [patient_id]).iloc[0]
    rows, waivers = known.schedule(), read_waivers(actor, store)
    waived = waivers.loc[waivers["course_id"] == course_id, ["kind", "number"]]
    plan = Plan(
        rows=rows[rows["course_id"] == course_id],
        holds=known.holds[known.holds["course_id"] == course_id],
        protocol=known.protocols[course["protocol_id"]],
        as_of=known.as_of,
        area=course["area"],
        planned=course["planned_sessions"],
        opened_on=course["opened_on"].date(),
        closed_on=None if pd.isna(course["closed_on"]) else course["closed_on"].date(),
        waived=set(waived.itertuples(index=False, name=None)),
    )
    return handout(
        plan,
        name=person["name"],
        clinic=settings.clinic_name,
        may_call=person["contact_allowed"] != "none",
        is_demo=settings.is_demo,
    )

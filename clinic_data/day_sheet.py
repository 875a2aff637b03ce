"""The day sheet: the worklist on paper, with boxes for what comes of each call, and the day's bookings."""

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from clinic_data import clock
from clinic_data.access import trail
from clinic_data.access.permissions import needs
from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.settings import read_settings
from clinic_data.visits import bookings_on
from lib import words
from lib.outcomes import OUTCOMES

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
BOXES = ["booked", "promised", "call_again", "left_message", "no_answer", "wrong_number", "declined_now"]
"""The outcomes that have a box; any other is written on the line."""


@needs("export")
def day_sheet(actor: Actor, store: Store, shown: pd.DataFrame, *, as_of: date, view: str) -> bytes:
    """The rows of a view, as `lib.call_list.as_shown` gives them, as one HTML page to print; noted in the trail.

    The page needs nothing but itself: no script, no picture, nothing from elsewhere. `view` is the view's name.
    """
    settings = read_settings(actor, store)
    bookings = bookings_on(actor, store, as_of)
    page = TEMPLATES.get_template("day_sheet.html").render(
        clinic=settings.clinic_name,
        demo=settings.is_demo,
        day=words.day(as_of),
        view=view,
        patients=[_patient(row) for row in shown.to_dict("records")],
        count=words.count(len(shown), "patient"),
        bookings=[row | {"kind": words.VISITS[row["kind"]]} for row in bookings.to_dict("records")],
        outcomes=[(OUTCOMES[name].label, bool(OUTCOMES[name].day) or name == "booked") for name in BOXES],
        printed=f"{clock.now().astimezone(ZoneInfo(settings.time_zone)):%d %b %Y, %H:%M}",
        by=actor.name,
    )
    trail.note(actor, store, "export", f"day sheet ({view}): {len(shown):,} rows")
    return page.encode()


def _patient(row: dict) -> dict:
    """A row as it is printed: the window as a range, what is missing as nothing."""
    first, last, over = row["come_from"], row["come_by"], row["days_over"]
    return row | {
        "why": " · ".join(row["why"]),
        "come": "" if pd.isna(first) or pd.isna(last) else words.days_range(first, last),
        "days_over": "" if pd.isna(over) else f"{words.count(over, 'day')} over",
    }

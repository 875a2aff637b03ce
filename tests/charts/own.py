"""A protocol in which a clinic has set windows of its own."""

import tomllib

from lib.schedule.protocols import Evidence, Protocol
from tests.charts.course import FOLDER

CLINIC = Evidence(source="set <b>for</b> oily skin", grade="clinic")


def own_protocol(*, maintenance: tuple[str, str] = ("4 months", "8 months"), **graded: Evidence) -> Protocol:
    """Acne scars with the clinic's 8–10 weeks between sessions, 9–11 before session 3, and its own maintenance.

    The outcome review comes after 5–7 months, which is graded as it was; `graded` adds to the evidence, dots as __.
    """
    own = tomllib.loads((FOLDER / "acne-scars.toml").read_text())
    own["sessions"] |= {"window": ["8 weeks", "10 weeks"], "step": [{"number": 3, "window": ["9 weeks", "11 weeks"]}]}
    own["maintenance"]["window"] = list(maintenance)
    own["reviews"][1]["window"] = ["5 months", "7 months"]
    set_by_clinic = dict.fromkeys(("sessions.window", "sessions.step.3.window", "maintenance.window"), CLINIC)
    own["evidence"] |= set_by_clinic | {key.replace("__", "."): evidence for key, evidence in graded.items()}
    return Protocol.model_validate(own)

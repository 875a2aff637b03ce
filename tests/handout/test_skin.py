"""What the skin is expected to do on the handout: the protocol's phases on the patient's own dates."""

import pytest

from lib.handout import Handout
from tests.charts.course import PROTOCOLS
from tests.handout.page import page, texts

ONE = "2026-03-03 session completed"
SERIES = (ONE, "2026-04-07 session completed", "2026-05-12 session completed")
PHASES = {phase.name: phase for phase in PROTOCOLS["acne-scars"].phases}


def dates(handout: Handout) -> dict[str, str]:
    """The stages by their names."""
    return {stage.name: stage.when for stage in handout.stages}


def test_on_the_way_home():
    """The dates count from the session of the day, and end where the next one begins them anew."""
    home = page(ONE, as_of="2026-03-03")
    assert dates(home) == {
        "Glow and redness": "03–05 Mar 2026",
        "Healing": "06–10 Mar 2026",
        "First change": "10–17 Mar 2026",
        "Visible results": "17–31 Mar 2026",
        "Build": "31 Mar – 14 Apr 2026",
        "Collagen peak": "14–28 Apr 2026",
    }
    assert [stage.name for stage in home.now] == ["Glow and redness"]
    assert home.counted_from == "Counted from your last session on 03 Mar 2026; the next one begins it anew."
    for stage in home.stages:
        assert (stage.sees, stage.do) == (PHASES[stage.name].sees, PHASES[stage.name].do)


def test_a_booking_ends_them():
    """What would begin after the next session does not stand there."""
    assert list(dates(page(ONE, "2026-04-02 session booked", as_of="2026-03-03")))[-1] == "Build"


def test_after_the_last_session_all_of_them_follow():
    """For maintenance is far away."""
    after = page(*SERIES, as_of="2026-05-12")
    assert list(dates(after)) == list(PHASES)
    assert after.counted_from == "Counted from your last session on 12 May 2026."


@pytest.mark.parametrize(
    ("as_of", "now"),
    [
        ("2026-05-14", ["Glow and redness"]),
        ("2026-05-15", ["Healing"]),
        ("2026-05-19", ["Healing", "First change"]),
        ("2026-07-08", []),
        ("2026-08-12", ["Long-term result"]),
        ("2028-05-12", ["Lasting"]),
        ("2028-05-13", []),
    ],
)
def test_what_is_now(as_of, now):
    """First and last days belong to a stage; between the stages there is none, and what is over is gone."""
    told = page(*SERIES, as_of=as_of)
    assert [stage.name for stage in told.now] == now
    assert [stage.name for stage in told.stages][: len(now)] == now


def test_before_the_first_session():
    """Counted from the day booked for it; with none, as stretches of time."""
    booked = page("2026-01-20 session booked", as_of="2026-01-12")
    assert (booked.counted_from, booked.now) == ("After your first session on 20 Jan 2026.", ())
    assert dates(booked)["Healing"] == "23–27 Jan 2026"
    unbooked = page(as_of="2026-01-12")
    assert unbooked.counted_from == "After your first session."
    assert dates(unbooked)["Healing"] == "3–7 days after it"


def test_a_leap_day_belongs_to_its_stage():
    """Three months after 29 Nov is 29 Feb in a leap year."""
    leap = page("2027-11-29 session completed", as_of="2028-02-29", planned=1, opened="2027-11-01")
    assert [(stage.name, stage.when) for stage in leap.now] == [("Long-term result", "29 Feb – 29 May 2028")]


@pytest.mark.parametrize(
    "ends",
    [
        {"closed": "2026-03-04"},
        {"holds": [("2026-03-04", None, "medical", "x")]},
        {"holds": [("2026-03-10", None, "medical", "x")]},
    ],
)
def test_a_closed_or_paused_plan_keeps_the_after_care(ends):
    """As long as the skin heals; what is to be done later speaks of visits, which nobody is to make now."""
    told = {stage.name: bool(stage.do) for stage in page(ONE, as_of="2026-03-04", **ends).stages}
    assert told["Glow and redness"]
    assert told["Visible results"]
    assert not told["Build"]


def test_a_plan_that_ended_before_it_began_has_none():
    """There is no session to count from, and none is to come."""
    assert not page(as_of="2026-03-04", closed="2026-03-04").stages


def test_where_the_texts_come_from():
    """By kind of source, with the stages that each kind carries."""
    assert page(ONE, "2026-04-02 session booked", as_of="2026-03-03").sources == (
        "From: a study (Glow and redness, Healing); what practitioners publish (First change, Visible results, Build)."
        " Skin differs, and yours may take its own time."
    )
    assert page(*SERIES, as_of="2029-05-12").sources == ""


def test_who_and_where():
    """The patient by both her names, the treatment, the area, the clinic and the day; on one line each."""
    told = page(ONE, as_of="2026-03-03", name="Dr  Eva\nBerg")
    assert (told.first_name, told.name, told.treatment, told.area) == ("Eva", "Dr Eva Berg", "Acne scars", "Cheeks")
    assert (told.clinic, told.printed) == ("Harbour Clinic", "03 Mar 2026")
    assert "Harbour Clinic" in told.reach
    assert all(text == " ".join(text.split()) for text in texts(told))

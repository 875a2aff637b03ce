"""The caseload's page: every number leads to a list as long as the number, whatever is filtered, on any day."""

import re
from datetime import date
from urllib.parse import parse_qs

import pandas as pd
import pytest

from clinic_data.actor import DESK
from clinic_data.database import prepare
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import change_settings
from lib import words
from lib.caseload import caseload
from lib.worklist import by_patient, flagged
from tests.browser.app import NOW

TODAY = date.fromisoformat(NOW[:10])
PAST = date(2026, 6, 1)
SCENES = {
    "today": {},
    "one practitioner": {"practitioner": "Dr Mara Ellison"},
    "protocol and area": {"protocol": "Acne scars", "area": "Cheeks"},
    "a past day": {"day": PAST.isoformat()},
}


def links(page) -> list[tuple[str, dict[str, str]]]:
    """The page's links into figures: each label with the address's parts."""
    protos = [link.proto for link in page.get("page_link")]
    found = [(proto.label, {k: v[0] for k, v in parse_qs(proto.query_string).items()}) for proto in protos]
    return [(label, address) for label, address in found if "figure" in address]


def number_in(label: str) -> int:
    """The number that a link shows."""
    shown = re.search(r"\*\*([\d,]+)\*\*", label) or re.match(r"Show ([\d,]+) ", label)
    return int(shown[1].replace(",", ""))


def listed(page, address: dict[str, str]) -> int:
    """How many the page behind a number says there are; as many as its table has rows."""
    for key in ("figure", "part", "by"):
        page.query_params.pop(key, None)
    for key, value in address.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    said = next(text.value for text in page.markdown if re.match(r"\*\*[\d,]+ ", text.value))
    number = int(re.match(r"\*\*([\d,]+) ", said)[1].replace(",", ""))
    assert (len(page.dataframe[0].value) if page.dataframe else 0) == number
    return number


def figures(store, as_of=TODAY):
    """The figures, straight from the functions."""
    known = read_schedule_input(DESK, store, as_of)
    schedule = known.schedule()
    return caseload(schedule, known.courses, flagged(schedule, known.courses), as_of)


@pytest.mark.parametrize("scene", SCENES)
def test_every_link_leads_to_as_many_as_it_says(open_page, scene):
    """Each link with a number opens a list of that many, under the same filters and on the same day."""
    address = SCENES[scene]
    found = links(open_page("caseload.py", **address))
    assert len(found) == 3 + len(words.FLAGS) + 4 + 6 + 1
    assert any(number_in(label) for label, _ in found)
    behind = open_page("behind.py", figure="flags", part="lapsed", **address)
    for label, where in found:
        assert listed(behind, where) == number_in(label), label


@pytest.mark.parametrize("scene", ["today", "one practitioner"])
def test_every_number_of_the_weeks_leads_to_as_many(open_page, scene):
    """The table of twelve weeks: each number opens a list of that many."""
    table = open_page("caseload.py", **SCENES[scene]).dataframe[0].value
    assert list(table.columns) == ["Week", "Booked", "Not booked"]
    assert len(table) == 12
    behind = open_page("behind.py", figure="weeks", part="1-booked", **SCENES[scene])
    for week, (booked, not_booked) in enumerate(zip(table["Booked"], table["Not booked"], strict=True), start=1):
        assert listed(behind, {"figure": "weeks", "part": f"{week}-booked"}) == int(booked)
        assert listed(behind, {"figure": "weeks", "part": f"{week}-open"}) == int(not_booked)


def test_every_practitioner_s_number_leads_to_as_many(demo, open_page):
    """What holds each practitioner back, and his or her weeks, open lists of that many."""
    page = open_page("caseload.py", **{"by-practitioner": "true"})
    _, _, today, not_booked, booked = (shown.value for shown in page.dataframe)
    with demo.read() as db:
        ids = {row["name"]: str(row["id"]) for row in db.query("select id, name from practitioners")}
    behind = open_page("behind.py", figure="attention")
    for column, figure in zip(today.columns[1:], ["attention", "overdue", "unsafe", "unrecorded"], strict=True):
        for name, number in zip(today["Practitioner"], today[column], strict=True):
            assert listed(behind, {"figure": figure, "by": ids.get(name, "0")}) == int(number)
    for table, code in ((not_booked, "open"), (booked, "booked")):
        for row in (0, len(table) - 1):
            by = ids.get(table["Practitioner"][row], "0")
            for week in range(1, 13):
                there = listed(behind, {"figure": "weeks", "part": f"{week}-{code}", "by": by})
                assert there == int(table.iloc[row, week])


def test_every_share_leads_to_its_sessions(demo, open_page):
    """The months: the numbers are those of the schedule, their shares are of n, and each opens a list of that many."""
    table = open_page("caseload.py").dataframe[1].value
    counts = figures(demo).counts("timing")
    behind = open_page("behind.py", figure="timing", part="2026-11-late")
    for at, month in enumerate(pd.period_range(end="2026-11", periods=12, freq="M")):
        n = table["n"][at]
        assert n == sum(number for part, number in counts.items() if part.startswith(str(month)))
        for timing, column in {"on_time": "On time", "early": "Early", "late": "Late", "too_soon": "Too soon"}.items():
            number = counts[f"{month}-{timing}"]
            assert table[column][at] == f"{number} · {number / n:.0%}"
            if at > 8:
                assert listed(behind, {"figure": "timing", "part": f"{month}-{timing}"}) == number


def test_numbers_are_those_of_follow_ups(open_page):
    """Under the same filters Follow-ups lists as many patients with a flag as the caseload says."""
    found = links(open_page("caseload.py", area="Cheeks"))
    for flag in ("due_unbooked", "missed_session", "booked_too_soon"):
        label = next(label for label, where in found if where == {"figure": "flags", "part": flag})
        follow_ups = open_page(flag=words.FLAGS[flag], area="Cheeks")
        assert (len(follow_ups.dataframe[0].value) if follow_ups.dataframe else 0) == number_in(label)


def test_a_past_day_is_what_was_known_then(demo, open_page):
    """The figures of a past day are the schedule's for that day, and the page says that nothing can be recorded."""
    page = open_page("caseload.py", day=PAST.isoformat())
    known = read_schedule_input(DESK, demo, PAST)
    everyone = by_patient(flagged(known.schedule(), known.courses))
    assert page.metric[3].value == f"{len(everyone):,}"
    assert page.metric[0].value == "not known"
    assert "It was first set on 23 Nov 2026." in [caption.value for caption in page.caption]
    follow_ups = open_page(day=PAST.isoformat())
    assert any("by then. It was first set on 23 Nov 2026." in caption.value for caption in follow_ups.caption)
    assert any("Nothing can be recorded" in warning.value for warning in page.warning)


def test_every_figure_carries_its_definition_and_its_n(demo, open_page):
    """Each figure's sentence is a help text, each n is written below its name."""
    page = open_page("caseload.py")
    made = figures(demo)
    helps = [one.help for one in (*page.metric, *page.subheader)]
    for figure in made.figures.values():
        if figure.id != "paused_to_check":
            assert figure.definition in helps
    captions = " ".join(caption.value for caption in page.caption)
    for name in ("flags", "overdue", "plans", "weeks", "timing"):
        assert f"n = {words.count(made.total(name), made.figures[name].unit)}." in captions


@pytest.mark.parametrize(
    ("known", "warned"),
    [("2026-11-23", None), ("2026-11-21", None), ("2026-11-20", "3 days ago"), (None, "It is not known")],
)
def test_bookings_that_are_not_up_to_date_are_a_warning(demo, open_page, known, warned):
    """Bookings known up to a day more than two days ago, or up to no day, are warned of; sooner ones are not."""
    try:
        change_settings(DESK, demo, bookings_known_until=known and date.fromisoformat(known))
        page = open_page("caseload.py")
    finally:
        change_settings(DESK, demo, bookings_known_until=TODAY)
    warnings = [warning.value for warning in page.warning]
    assert len(warnings) == (1 if warned else 0)
    assert not warned or warned in warnings[0]
    assert page.metric[0].value == (words.day(known) if known else "not known")


def test_an_address_that_names_no_figure_is_explained(open_page):
    """Nothing, an unknown figure and an unknown part lead back to the caseload."""
    for address in ({}, {"figure": "nothing"}, {"figure": "flags", "part": "nothing"}):
        assert "Choose a number on Caseload" in open_page("behind.py", **address).info[0].value
    nobody = open_page("behind.py", figure="attention", by="999")
    assert nobody.info[0].value == "Nobody is counted here on this day."


def test_nobody_behind_a_number_and_hidden_by_filters_differ(demo, open_page):
    """The list says how many the filters hide; hidden and none are different sentences."""
    page = open_page("behind.py", figure="attention", area="Hips", protocol="Acne scars")
    total = figures(demo).total("attention")
    assert any(f"Your filters hide **{words.count(total, 'patient')}**" in text.value for text in page.markdown)
    assert page.info[0].value == "Your filters hide everyone who is counted here."
    page = open_page("caseload.py", area="Hips", protocol="Acne scars")
    assert "Your filters hide every treatment plan" in page.info[0].value


def test_an_empty_clinic_says_how_to_begin(tmp_path, monkeypatch, open_page):
    """Without patients there are no figures, but a way to begin."""
    store = prepare(tmp_path / "empty.db")
    change_settings(DESK, store, clinic_name="New", time_zone="Europe/London", is_demo=True)
    page = open_page("follow_ups.py")
    monkeypatch.setenv("CLINIC_DB", str(store.path))
    page.switch_page("caseload.py").run()
    assert not page.exception
    assert "no patients yet" in page.info[0].value
    assert not page.metric

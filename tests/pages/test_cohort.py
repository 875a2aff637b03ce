"""The cohort's page: order, alignment and page stand in the address, filters hide, past days are as known then."""

from datetime import date

import pandas as pd
import pytest

from clinic_data.actor import DESK
from clinic_data.database import prepare
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import change_settings
from lib.cohort import ABOUT_NUMBERS, PAGE, Cohort, cohort, reopened
from lib.schedule import expected_visits
from lib.worklist import flagged
from tests.browser.app import NOW

TODAY = date.fromisoformat(NOW[:10])
PAST = date(2026, 6, 1)


def straight(store, as_of=TODAY) -> Cohort:
    """The cohort, straight from the functions."""
    known = read_schedule_input(DESK, store, as_of)
    schedule, day = known.schedule(), pd.Timestamp(as_of)
    courses, holds = reopened(known.courses, known.holds, day)
    ended = expected_visits(**vars(known) | {"courses": courses, "holds": holds})
    return cohort(schedule, known.courses, flagged(schedule, known.courses), ended, day)


def names(store, plans: pd.DataFrame) -> list[str]:
    """The patients' names of these plans."""
    with store.read() as db:
        every = {row["id"]: row["name"] for row in db.query("select id, name from patients")}
    return plans["patient_id"].map(every).tolist()


def said(page) -> str:
    """The sentence that says which plans are shown."""
    return next(text.value for text in page.markdown if text.value.startswith("Plans "))


def plans_of(page) -> pd.DataFrame:
    """The table of the plans shown."""
    return page.dataframe[1].value


def control(page, key: str):
    """The control for the alignment or the order."""
    return next(one for one in page.get("button_group") if one.key == f"{key} of the cohort")


def test_the_first_page_has_the_fifty_most_urgent(demo, open_page):
    """The table lists the plans of the picture in their order, and the page says how many there are."""
    page = open_page("cohort.py")
    one = straight(demo)
    assert plans_of(page)["patient"].tolist() == names(demo, one.plans.head(PAGE))
    assert said(page) == f"Plans 1–50 of **{len(one.plans)} treatment plans** on 23 Nov 2026."


@pytest.mark.parametrize(
    ("rank", "column", "ascending"),
    [("days-over", "days_over", False), ("regularity", "off", False), ("practitioner", "practitioner", True)],
)
def test_a_rank_orders_the_table(open_page, rank, column, ascending):
    """The order named in the address is the table's, whatever stands in it missing comes last."""
    values = plans_of(open_page("cohort.py", rank=rank))[column].dropna()
    assert len(values) > 10
    assert values.is_monotonic_increasing if ascending else values.is_monotonic_decreasing


def test_choices_go_into_the_address_as_codes(open_page):
    """A chosen alignment and order stand in the address, and an unknown one is as none."""
    page = open_page("cohort.py")
    control(page, "align").set_value("session-1").run()
    control(page, "rank").set_value("regularity").run()
    assert page.query_params["align"] == "session-1"
    assert page.query_params["rank"] == "regularity"
    assert plans_of(open_page("cohort.py", align="sideways", rank="age", page="x"))["patient"].tolist()


def test_pages_follow_one_another(demo, open_page):
    """Page 2 has the next fifty, the last the rest; another order starts from the first page again."""
    one = straight(demo)
    page = open_page("cohort.py", page="2")
    assert plans_of(page)["patient"].tolist() == names(demo, one.plans.iloc[PAGE : 2 * PAGE])
    page.number_input[0].increment().run()
    assert page.query_params["page"] == "3"
    assert said(page).startswith("Plans 101–")
    control(page, "rank").set_value("days-over").run()
    assert said(page).startswith("Plans 1–")
    last = -(-len(one.plans) // PAGE)
    assert len(plans_of(open_page("cohort.py", page="99"))) == len(one.plans) - PAGE * (last - 1)


def test_filters_hide_and_the_page_says_how_many(demo, open_page):
    """Of the plans only those that the filters leave are shown and counted."""
    one = straight(demo)
    page = open_page("cohort.py", area="Cheeks")
    left = one.plans[one.plans["area"] == "Cheeks"]
    hidden = len(one.plans) - len(left)
    shown = f"Plans 1–{min(PAGE, len(left))} of **{len(left)} treatment plans** on 23 Nov 2026."
    assert said(page) == f"{shown} Your filters hide **{hidden} treatment plans**."
    assert set(plans_of(page)["plan"].str.split(", ").str[0]) == {"Cheeks"}
    numbers = page.dataframe[0].value
    assert numbers["n"][0] + numbers["Still open"][0] < len(one.plans)


def test_no_plans_and_hidden_plans_are_different_sentences(open_page):
    """Filters that leave nothing, and a day before the first plan, are told apart."""
    hidden = open_page("cohort.py", area="Hips", protocol="Acne scars")
    assert "Your filters hide every treatment plan" in hidden.info[0].value
    early = open_page("cohort.py", day="2017-01-02")
    assert early.info[0].value == "No treatment plan had begun by 02 Jan 2017."


@pytest.mark.parametrize(("align", "is_shown"), [("calendar", True), ("session-1", False), ("last-session", False)])
def test_closed_days_are_in_the_picture_on_the_calendar(open_page, align, is_shown):
    """The clinic's closures reach the picture; in weeks there is no place for them."""
    picture = open_page("cohort.py", align=align).get("plotly_chart")[0]
    assert ("Clinic closed" in picture.proto.spec) == is_shown


def test_shares_add_up_to_n(demo, open_page):
    """The numbers beside the picture add up to n and are those of the functions, with their definition as help."""
    page = open_page("cohort.py")
    table = page.dataframe[0].value
    fates = straight(demo).fates
    for at, number in enumerate(table["Session"]):
        mine = fates[fates["number"] == number]["fate"].value_counts()
        assert table["Still open"][at] == mine.get("open", 0)
        assert table["n"][at] == mine.drop("open", errors="ignore").sum()
        parts = [table[name][at] for name in ("On time", "Early", "Late", "Too soon", "Not done")]
        assert sum(int(part.split(" ")[0]) for part in parts if part) == table["n"][at]
    assert ABOUT_NUMBERS in [one.help for one in page.subheader]


def test_a_past_day_is_what_was_known_then(demo, open_page):
    """The plans of a past day are the schedule's for that day."""
    page = open_page("cohort.py", day=PAST.isoformat())
    one = straight(demo, PAST)
    assert said(page).endswith(f"of **{len(one.plans)} treatment plans** on 01 Jun 2026.")
    assert plans_of(page)["patient"].tolist() == names(demo, one.plans.head(PAGE))


def test_an_empty_clinic_says_how_to_begin(tmp_path, monkeypatch, open_page):
    """Without patients there is no picture, but a way to begin."""
    store = prepare(tmp_path / "empty.db")
    change_settings(DESK, store, clinic_name="New", time_zone="Europe/London", is_demo=True)
    page = open_page()
    monkeypatch.setenv("CLINIC_DB", str(store.path))
    page.switch_page("cohort.py").run()
    assert not page.exception
    assert "no patients yet" in page.info[0].value

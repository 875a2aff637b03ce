"""Treatment plans, pauses and agreed dates: opened, closed, paused, resumed, as the schedule then shows them."""

from datetime import date

import pytest

from clinic_data.agreements import agree_dates
from clinic_data.courses import MOST_SESSIONS, area_key, close_course, open_course, read_courses
from clinic_data.errors import NotAllowed, NotFound
from clinic_data.holds import ask_again, pause, resume
from clinic_data.visits import note_booking, record_visit
from tests.clinic_data.rows import ACTOR, one, patient, protocol_text, rows, write
from tests.clinic_data.test_recording_visits import (
    DAY,
    FIRST,
    OPENED,
    TODAY,
    WINDOW,
    acne,
    begun,
    expected,
    one_change,
    refused,
    row,
    window,
)

pytestmark = pytest.mark.usefixtures("today")


# Opening a treatment plan


def test_a_plan_that_is_opened_expects_its_first_session(store):
    """From the day of opening for six weeks, and nothing before it."""
    eva = patient(store)
    ada = write(store, "practitioners", name="Ada")
    with one_change(store, "open a treatment plan", eva) as written:
        plan = acne(
            store, eva, " Cheeks ", opened_on=TODAY, practitioner_id=ada, concern=" scars ", severity="moderate"
        )
    assert [(kept["table"], kept["before"]) for kept in written] == [("protocols", None), ("courses", None)]
    assert written[0]["after"]["id"] == "acne-scars"
    assert window(row(store, plan, number=1)) == (TODAY, TODAY + 43 * DAY)
    assert row(store, plan, number=1)["flag"] == "due_unbooked"
    assert expected(store, plan, TODAY - DAY).empty
    read = read_courses(ACTOR, store, eva, as_of=TODAY).iloc[0]
    assert read[
        ["protocol", "version", "area", "concern", "severity", "planned_sessions", "practitioner"]
    ].to_list() == [*("acne-scars", 1, "Cheeks", "scars", "moderate", 3, "Ada")]
    assert read[["opened_on", "closed_on"]].to_list() == ["2026-11-23", None]


def test_a_protocol_s_text_is_kept_once(store):
    """The second plan under it adds the plan alone."""
    acne(store, patient(store))
    mia = patient(store, "Mia Holm")
    with one_change(store, "open a treatment plan", mia) as written:
        acne(store, mia)
    assert [kept["table"] for kept in written] == ["courses"]


def test_an_area_is_treated_under_a_protocol_once_at_a_time(store):
    """The same again is refused until the first is closed; another area, protocol or patient is fine."""
    eva = patient(store)
    plan = acne(store, eva)
    with refused(store, "^a plan for Acne scars on Cheeks is open already; close it first$"):
        acne(store, eva, " Cheeks")
    acne(store, eva, "Chin")
    acne(store, eva, protocol_id="mild-texture")
    acne(store, patient(store, "Mia Holm"))
    close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished")
    acne(store, eva)
    assert read_courses(ACTOR, store, eva, as_of=TODAY)["area"].tolist().count("Cheeks") == 3


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"planned_sessions": 0}, "^a plan has 1 to 30 sessions, not 0$"),
        ({"planned_sessions": 31}, "^a plan has 1 to 30 sessions, not 31$"),
        ({"area": "  "}, "^the area must not be empty$"),
        ({"severity": "awful"}, "^the severity must be one of mild, moderate, severe, not 'awful'$"),
        ({"protocol_id": "magic"}, r"^protocol 'magic': there is no such id in .*; there are acne-scars, "),
        ({"opened_on": date(2027, 11, 24)}, "^the plan's opening must lie between .* and 23 Nov 2027, not on 24 Nov"),
        ({"opened_on": date(2016, 11, 24)}, "^the plan's opening must lie between 25 Nov 2016 and"),
        ({"practitioner_id": 99}, "^open a treatment plan: the file refuses this row"),
    ],
)
def test_an_impossible_plan_is_refused(store, values, sentence):
    """Nothing is kept of it, not even the protocol's text."""
    eva = patient(store)
    with refused(store, sentence):
        acne(store, eva, **values)


def test_nobody_s_plan_is_refused(store):
    """There has to be a patient."""
    with refused(store, "^open a treatment plan: the file refuses this row"):
        acne(store, 99)


@pytest.mark.parametrize(
    "values",
    [
        *[{"planned_sessions": 1}, {"planned_sessions": MOST_SESSIONS}],
        *[{"opened_on": date(2027, 11, 23)}, {"opened_on": date(2016, 11, 25)}],
    ],
)
def test_the_edges_of_a_plan_are_allowed(store, values):
    """One session and thirty, ten years ago and a year from now."""
    eva = patient(store)
    plan = acne(store, eva, **values)
    assert read_courses(ACTOR, store, eva, as_of=date(2028, 1, 1))["course_id"].tolist() == [plan]


# How an area is spelt


@pytest.mark.parametrize(
    ("one_way", "another"),
    [
        ("Cheeks", " cheeks\t"),
        ("Lower face", "LOWER  \u00a0 FACE"),
        ("Fußrücken", "FUSSRÜCKEN"),
        ("Ausschnitt", "AUẞCHNITT"),
        ("Décolleté", "DE\u0301COLLETE\u0301"),
        ("ALIN İÇİ", "alın içi"),
        ("ALIN İÇİ", "Alin I\u0307c\u0327i"),
    ],
)
def test_case_and_space_make_no_other_area(one_way, another):
    """Whatever the language: ß is ss, and a Turkish i is an i."""
    assert area_key(one_way) == area_key(another)


@pytest.mark.parametrize(("area", "other"), [("Cheek", "Cheeks"), ("Lower face", "Lowerface"), ("Cou", "Coù")])
def test_other_letters_are_another_area(area, other):
    """A word more or less, or an accent, is not overlooked."""
    assert area_key(area) != area_key(other)


def areas(store) -> list[str]:
    """Every plan's area, in the order of opening."""
    return [area for (area,) in rows(store, "select area from courses order by id")]


def test_an_area_keeps_its_spelling(store):
    """The patient's own plans decide, else most of the clinic's; a new area has single spaces."""
    eva, mia = patient(store), patient(store, "Mia Holm")
    acne(store, eva, "Lower  face")
    acne(store, mia, "lower FACE")
    assert areas(store) == ["Lower face", "Lower face"]
    of_old = {"protocol_id": "acne-scars", "protocol_version": 1, "planned_sessions": 3, "opened_on": "2026-10-05"}
    for name in ("Ann Ray", "Bo Lo", "Kim Oh"):
        write(store, "courses", **of_old, patient_id=patient(store, name), area="LOWER FACE")
    acne(store, patient(store, "Lea Roth"), "lower face")
    acne(store, mia, "lower face", protocol_id="mild-texture")
    assert areas(store)[-2:] == ["LOWER FACE", "Lower face"]


def test_another_spelling_is_open_already(store):
    """The sentence names the area as it is known; after closing it can be opened again."""
    eva = patient(store)
    plan = acne(store, eva, "Fuß  außen")
    with refused(store, "^a plan for Acne scars on Fuß außen is open already; close it first$"):
        acne(store, eva, "FUSS AUSSEN")
    close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished")
    acne(store, eva, "fuss aussen")
    assert areas(store) == ["Fuß außen", "Fuß außen"]


def test_a_pause_of_an_area_finds_its_plan(store):
    """However it is written; and a plan that is opened later finds the pause."""
    eva, plan = begun(store)
    paused(store, eva, area="  CHEEKS ")
    assert row(store, plan)["status"] == "on_hold"
    paused(store, eva, area="Upper lip")
    lip = acne(store, eva, "upper  LIP")
    assert row(store, lip, number=1)["status"] == "on_hold"
    assert areas(store) == ["Cheeks", "Upper lip"]


# Closing one


@pytest.mark.parametrize("reason", ["finished", "patient_stopped", "medical", "moved_away", "entered_in_error"])
def test_a_closed_plan_expects_nothing(store, reason):
    """What was done stays, what was to come is gone; the day before is as it was."""
    eva, plan = begun(store)
    with one_change(store, "close a treatment plan", eva) as written:
        close_course(ACTOR, store, plan, closed_on=TODAY, reason=reason)
    assert [(kept["before"]["closed_on"], kept["after"]["closed_on"]) for kept in written] == [(None, "2026-11-23")]
    assert expected(store, plan)["status"].tolist() == ["done"]
    assert row(store, plan, day=TODAY - DAY)["flag"] == "due_unbooked"
    assert read_courses(ACTOR, store, eva, as_of=TODAY)["closed_reason"].tolist() == [reason]


@pytest.mark.parametrize("day", [OPENED, TODAY])
def test_a_plan_is_closed_from_its_opening_to_today(store, day):
    """Both ends are allowed."""
    _, plan = begun(store)
    close_course(ACTOR, store, plan, closed_on=day, reason="moved_away")
    assert one(store, "select closed_on from courses where id = ?", plan) == day.isoformat()


@pytest.mark.parametrize("reason", ["finished", "finished_early"])
@pytest.mark.parametrize("day", [OPENED - DAY, TODAY + DAY])
def test_a_plan_is_not_closed_elsewhen(store, day, reason):
    """Neither before its opening nor tomorrow."""
    _, plan = begun(store)
    sentence = f"^the day of closing must lie between 05 Oct 2026 and 23 Nov 2026, not on {day:%d %b %Y}$"
    with refused(store, sentence):
        close_course(ACTOR, store, plan, closed_on=day, reason=reason)


def test_a_plan_that_opens_later_can_not_be_closed_yet(store):
    """The sentence says from when on."""
    plan = acne(store, patient(store), opened_on=TODAY + DAY)
    with refused(store, "^this treatment plan opens on 24 Nov 2026 and can be closed from then on$"):
        close_course(ACTOR, store, plan, closed_on=TODAY, reason="entered_in_error")


def test_a_plan_is_closed_once_and_for_a_reason(store):
    """An unknown reason, a second closing and a plan that is not there are refused."""
    _, plan = begun(store)
    with refused(store, "^the reason for closing must be one of finished, finished_early, .*, not 'bored'$"):
        close_course(ACTOR, store, plan, closed_on=TODAY, reason="bored")
    with refused(store, "^This treatment plan is not there any more.$", NotFound):
        close_course(ACTOR, store, plan + 1, closed_on=TODAY, reason="finished")
    close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished")
    for reason in ("finished", "finished_early"):
        with refused(store, "^this treatment plan was closed on 23 Nov 2026$"):
            close_course(ACTOR, store, plan, closed_on=TODAY, reason=reason)


def test_a_series_finished_early_goes_on_to_reviews_and_maintenance(store):
    """They count from the last session done, and the plan stays open."""
    eva, plan = begun(store)
    assert ("review", 1) not in expected(store, plan).index
    with one_change(store, "close a treatment plan", eva) as written:
        close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished_early")
    before, after = written[0]["before"], written[0]["after"]
    assert after == before | {"planned_sessions": 1}
    assert after["closed_on"] is None
    assert ("session", 2) not in expected(store, plan).index
    assert window(row(store, plan, "maintenance", 1)) == (date(2027, 4, 12), date(2027, 10, 13))
    assert row(store, plan, "review", 1)["anchor_on"].date() == FIRST
    assert window(row(store, plan, "review", 1)) == WINDOW


def test_a_series_finishes_early_between_its_first_and_last_session(store):
    """With none done, or all, there is nothing to finish early."""
    eva = patient(store)
    plan = acne(store, eva, planned_sessions=2)
    early = {"closed_on": TODAY, "reason": "finished_early"}
    with refused(store, "^a series is finished early after some of its 2 sessions; 0 are done$"):
        close_course(ACTOR, store, plan, **early)
    for day in (FIRST, FIRST + 30 * DAY):
        record_visit(ACTOR, store, [plan], kind="session", visit_date=day)
    with refused(store, "^a series is finished early after some of its 2 sessions; 2 are done$"):
        close_course(ACTOR, store, plan, **early)


def test_reviews_and_bookings_are_no_sessions_done(store):
    """Only sessions that took place count when a series is finished early."""
    eva = patient(store)
    plan = acne(store, eva)
    record_visit(ACTOR, store, [plan], kind="review", visit_date=FIRST)
    note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    with refused(store, "; 0 are done$"):
        close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished_early")


# Pauses


def paused(store, eva, **values) -> int:
    """A pause from today, with no end known; returns the id."""
    plain = {"cause": "medical", "reason": "pregnant", "starts_on": TODAY}
    return pause(ACTOR, store, eva, **(plain | values))


def test_a_pause_without_an_end_stops_the_plan(store):
    """Nothing is asked of the clinic until the day to ask, and the window is open-ended."""
    eva, plan = begun(store)
    with one_change(store, "pause", eva) as written:
        key = paused(store, eva, check_on=TODAY + DAY, reason=" pregnant ")
    assert (row(store, plan)["status"], row(store, plan)["flag"]) == ("on_hold", None)
    assert window(row(store, plan)) == (WINDOW[0], None)
    assert row(store, plan, day=TODAY + DAY)["flag"] == "hold_to_check"
    assert written[0]["before"] is None
    assert written[0]["after"] == {
        "id": key,
        "patient_id": eva,
        "area": None,
        "cause": "medical",
        "reason": "pregnant",
        "starts_on": "2026-11-23",
        "ends_on": None,
        "check_on": "2026-11-24",
        "recorded_on": "2026-11-23",
    }


def test_a_pause_with_an_end_moves_the_window(store):
    """It stays open for four weeks from the day on which treatment may resume."""
    eva, plan = begun(store)
    paused(store, eva, ends_on=TODAY + 7 * DAY)
    assert window(row(store, plan)) == (WINDOW[0], TODAY + 35 * DAY)
    assert row(store, plan)["status"] == "on_hold"


def test_a_pause_of_one_area_leaves_the_others(store):
    """The area is the same whatever space is typed around it; a blank one is all of them."""
    eva, plan = begun(store)
    chin = acne(store, eva, "Chin")
    key = paused(store, eva, area=" Cheeks ")
    assert [row(store, plan)["status"], row(store, chin, number=1)["status"]] == ["on_hold", "overdue"]
    resume(ACTOR, store, key, ends_on=TODAY)
    paused(store, eva, area="  ")
    assert [row(store, plan)["status"], row(store, chin, number=1)["status"]] == ["on_hold", "on_hold"]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cause": "weather"}, "^the cause of a pause must be one of medical, wish, not 'weather'$"),
        ({"reason": " "}, "^the reason for a pause must not be empty$"),
        ({"ends_on": TODAY}, "^treatment may resume on a day after the pause's first day$"),
        ({"ends_on": TODAY - DAY}, "^treatment may resume on a day after the pause's first day$"),
        ({"check_on": TODAY - DAY}, "^the day to ask again must not lie before the pause's first day$"),
        ({"starts_on": date(2028, 11, 23)}, "^the pause's first day must lie between .* and 22 Nov 2028, not on"),
        ({"starts_on": date(2016, 11, 24)}, "^the pause's first day must lie between 25 Nov 2016 and"),
    ],
)
def test_an_impossible_pause_is_refused(store, values, sentence):
    """Nothing is kept of it."""
    eva, _ = begun(store)
    with refused(store, sentence):
        paused(store, eva, **values)


def test_the_first_day_may_be_the_day_to_ask(store):
    """And treatment may resume on the next one."""
    eva, plan = begun(store)
    paused(store, eva, check_on=TODAY, ends_on=TODAY + DAY)
    assert row(store, plan)["flag"] == "hold_to_check"
    assert row(store, plan, day=TODAY + DAY)["status"] == "due"


@pytest.mark.parametrize("ends_on", [TODAY, TODAY + 7 * DAY])
def test_treatment_resumes(store, ends_on):
    """From that day on the window is open for four weeks, and nobody asks any more."""
    eva, plan = begun(store)
    key = paused(store, eva, starts_on=TODAY - DAY, check_on=TODAY)
    assert row(store, plan)["flag"] == "hold_to_check"
    with one_change(store, "resume", eva) as written:
        resume(ACTOR, store, key, ends_on=ends_on)
    assert written[0]["after"] == written[0]["before"] | {"ends_on": ends_on.isoformat(), "check_on": None}
    assert window(row(store, plan)) == (WINDOW[0], ends_on + 28 * DAY)
    assert (row(store, plan)["flag"]) == ("due_unbooked" if ends_on == TODAY else None)


@pytest.mark.parametrize("early", [0, 1, 100])
def test_a_pause_that_ends_before_it_began_never_was(store, early):
    """Resuming on its first day, or before, removes it; the window is as the protocol wants it."""
    eva, plan = begun(store)
    key = paused(store, eva)
    with one_change(store, "resume", eva) as written:
        resume(ACTOR, store, key, ends_on=TODAY - early * DAY)
    assert written[0]["before"]["id"] == key
    assert written[0]["after"] is None
    assert rows(store, "select * from holds") == []
    assert window(row(store, plan)) == WINDOW
    with refused(store, "^This pause is not there any more.$", NotFound):
        resume(ACTOR, store, key, ends_on=TODAY)


def test_treatment_does_not_resume_in_three_years(store):
    """Two years is the most."""
    eva, _ = begun(store)
    key = paused(store, eva)
    with refused(store, "^the day treatment resumes must lie between 25 Nov 2016 and 22 Nov 2028, not on 23 Nov 2028$"):
        resume(ACTOR, store, key, ends_on=date(2028, 11, 23))


def test_somebody_asks_again_later(store):
    """The flag goes and comes back on that day."""
    eva, plan = begun(store)
    key = paused(store, eva, check_on=TODAY)
    with one_change(store, "ask again about a pause", eva) as written:
        ask_again(ACTOR, store, key, check_on=TODAY + 7 * DAY)
    assert (written[0]["before"]["check_on"], written[0]["after"]["check_on"]) == ("2026-11-23", "2026-11-30")
    assert row(store, plan, day=TODAY + 6 * DAY)["flag"] is None
    assert row(store, plan, day=TODAY + 7 * DAY)["flag"] == "hold_to_check"


def test_the_day_to_ask_again_is_to_come(store):
    """Yesterday, a day before the pause, one in three years, and a pause that is not there are refused."""
    eva, _ = begun(store)
    key = paused(store, eva, starts_on=TODAY - 7 * DAY)
    later = paused(store, eva, starts_on=TODAY + 7 * DAY)
    between = "^the day to ask again must lie between 23 Nov 2026 and 22 Nov 2028, not on "
    for day in (TODAY - DAY, date(2028, 11, 23)):
        with refused(store, between):
            ask_again(ACTOR, store, key, check_on=day)
    with refused(store, "^the day to ask again must not lie before the pause's first day$"):
        ask_again(ACTOR, store, later, check_on=TODAY)
    with refused(store, "^This pause is not there any more.$", NotFound):
        ask_again(ACTOR, store, 99, check_on=TODAY)


def test_a_pause_flags_what_is_booked_in_it(store):
    """The booking has to be moved; the day on which treatment may resume is fine."""
    eva, plan = begun(store)
    note_booking(ACTOR, store, [plan], kind="session", visit_date=TODAY)
    assert row(store, plan)["flag"] is None
    key = paused(store, eva, starts_on=TODAY - DAY)
    assert row(store, plan)["flag"] == "booked_on_hold"
    resume(ACTOR, store, key, ends_on=TODAY)
    assert row(store, plan)["flag"] is None


# Agreed dates


def test_agreed_dates_are_the_window(store):
    """Both days belong to it, and the flag goes."""
    eva, plan = begun(store)
    first, last = TODAY + 7 * DAY, TODAY + 14 * DAY
    with one_change(store, "agree dates", eva) as written:
        key = agree_dates(ACTOR, store, plan, kind="session", due_on=first, last_on=last, note=" exams ")
    assert window(row(store, plan)) == (first, last + DAY)
    assert (row(store, plan)["status"], row(store, plan)["flag"]) == ("upcoming", None)
    assert [(kept["table"], kept["before"]) for kept in written] == [("agreements", None)]
    assert written[0]["after"] == {
        "id": key,
        "course_id": plan,
        "kind": "session",
        "agreed_on": "2026-11-23",
        "due_on": "2026-11-30",
        "last_on": "2026-12-07",
        "note": "exams",
    }


def test_dates_agreed_anew_on_the_same_day_are_a_correction(store):
    """An earlier window takes the place of the one agreed before, in the same row."""
    _, plan = begun(store)
    for days in (30, 10):
        first = TODAY + days * DAY
        agree_dates(ACTOR, store, plan, kind="session", due_on=first, last_on=first + 7 * DAY)
    assert window(row(store, plan)) == (TODAY + 10 * DAY, TODAY + 18 * DAY)
    assert one(store, "select count(*) from agreements") == 1


def test_one_day_may_be_agreed(store):
    """Even today."""
    _, plan = begun(store)
    agree_dates(ACTOR, store, plan, kind="session", due_on=TODAY, last_on=TODAY)
    assert window(row(store, plan)) == (TODAY, TODAY + DAY)


@pytest.mark.parametrize("kind", ["review", "outcome"])
def test_dates_can_be_agreed_for_reviews(store, kind):
    """Each of the protocol's reviews by its own name; the other one stays."""
    eva = patient(store)
    plan = acne(store, eva, planned_sessions=1)
    record_visit(ACTOR, store, [plan], kind="session", visit_date=FIRST)
    other = {"review": "outcome", "outcome": "review"}[kind]
    stays = window(row(store, plan, other, 1))
    first = date(2027, 1, 10)
    agree_dates(ACTOR, store, plan, kind=kind, due_on=first, last_on=first)
    assert window(row(store, plan, kind, 1)) == (first, first + DAY)
    assert window(row(store, plan, other, 1)) == stays


@pytest.mark.parametrize(
    ("kind", "first", "last", "sentence"),
    [
        ("session", 2, 1, "^the last day must not lie before the first$"),
        ("session", -1, 1, "^the first day agreed must lie between 23 Nov 2026 and 22 Nov 2028, not on 22 Nov 2026$"),
        ("session", 731, 732, "^the first day agreed must lie between 23 Nov 2026 and 22 Nov 2028, not on 23 Nov 2028"),
        ("session", 1, 1096, "^the last day agreed must lie between 23 Nov 2026 and 22 Nov 2029, not on 23 Nov 2029$"),
        ("maintenance", 1, 2, "^dates can be agreed for session, review, outcome, not for 'maintenance'$"),
        ("", 1, 2, "^dates can be agreed for session, review, outcome, not for ''$"),
    ],
)
def test_impossible_dates_are_not_agreed(store, kind, first, last, sentence):
    """Backwards, past, too far ahead, or for a kind that the protocol does not have."""
    _, plan = begun(store)
    with refused(store, sentence):
        agree_dates(ACTOR, store, plan, kind=kind, due_on=TODAY + first * DAY, last_on=TODAY + last * DAY)


def test_dates_are_agreed_for_an_open_plan(store):
    """One that is closed or not there is refused."""
    _, plan = begun(store)
    dates = {"kind": "session", "due_on": TODAY, "last_on": TODAY}
    with refused(store, "^This treatment plan is not there any more.$", NotFound):
        agree_dates(ACTOR, store, plan + 1, **dates)
    close_course(ACTOR, store, plan, closed_on=TODAY, reason="finished")
    with refused(store, "^this treatment plan was closed on 23 Nov 2026$", NotAllowed):
        agree_dates(ACTOR, store, plan, **dates)


def test_a_plan_of_another_protocol_file_is_kept_by_its_text(store, tmp_path):
    """A clinic's own protocol is opened from its folder and judged by what it says."""
    (tmp_path / "own.toml").write_text(protocol_text("own"), encoding="utf-8")
    eva = patient(store)
    plan = open_course(
        *(ACTOR, store, eva),
        protocol_id="own",
        area="Cheeks",
        planned_sessions=2,
        opened_on=TODAY,
        protocols=tmp_path,
    )
    assert one(store, "select content from protocols") == protocol_text("own")
    assert window(row(store, plan, number=1)) == (TODAY, TODAY + 43 * DAY)

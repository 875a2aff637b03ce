"""The expected collagen build and the phases, at the numbers of docs/evidence.md."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.response import (
    build_ahead,
    collagen_build,
    current_phases,
    differing,
    last_depth,
    phase_course,
    phase_days,
    to_do,
)
from lib.schedule import read_protocols

FOLDER = Path(__file__).parents[1] / "clinic_data" / "protocols"
PROTOCOL = read_protocols(FOLDER)["acne-scars"]
PLAIN = PROTOCOL.model_copy(update={"curve": None})
START = "2026-01-01"


def build(days: list[str], *sessions: tuple[str, float | None], protocol=PROTOCOL) -> list[float]:
    frame = pd.DataFrame(list(sessions), columns=["day", "depth_mm"]).astype({"depth_mm": float})
    frame["day"] = pd.to_datetime(frame["day"])
    return collagen_build(frame, protocol, pd.DatetimeIndex(days))["build"].round(6).tolist()


def test_nothing_is_built_before_and_on_the_day():
    assert build(["2025-12-31", START], (START, 1.5)) == [0, 0]


def test_a_session_has_given_its_whole_gain_after_six_months():
    assert build(["2026-07-01"], (START, 1.5)) == [0.35]


def test_the_benefit_is_the_running_total_of_production():
    # day 7: 7 × 0.05 / 2 = 0.175 peak-days; week 8: + 0.7 + 4.55 + 10.5 + 14
    # whole: 29.925, + 34 days to 1 April at 0.75, + 91 days to 1 July at 0.25
    whole = 29.925 + 34 * 0.75 + 91 * 0.25
    wanted = [0.35 * made / whole for made in (0.175, 29.925, 29.925 + 34 * 0.75)]
    assert build(["2026-01-08", "2026-02-26", "2026-04-01"], (START, 1.5)) == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize(
    ("depth", "opens", "middle", "closes"),
    [(1.5, "2027-01-01", "2027-07-03", "2028-01-01"), (None, "2026-07-01", "2027-04-01", "2028-01-01")],
)
def test_it_holds_until_its_window_opens_then_falls_straight_to_nothing(depth, opens, middle, closes):
    first, half, last, later = build([opens, middle, closes, "2030-01-01"], (START, depth))
    assert first == 0.35
    assert half == pytest.approx(0.175, abs=0.001)
    assert last == later == 0


def test_shallow_needling_fades_as_soon_as_it_is_built():
    # its window, months 3 to 6, is 91 days long here and opens before month 6
    built, half, gone = build(["2026-07-01", "2026-08-16", "2026-09-30"], (START, 1.0))
    assert built == 0.35
    assert half == pytest.approx(0.35 * 45 / 91, abs=1e-6)
    assert gone == 0


def test_a_depth_deeper_than_every_border_fades_as_if_unknown():
    protocol = PROTOCOL.model_copy(update={"lasts": PROTOCOL.lasts[:1]})
    days = ["2026-07-01", "2027-04-01"]
    assert build(days, (START, 2.5), protocol=protocol) == build(days, (START, None))


def test_two_sessions_add_up_with_diminishing_return():
    assert build(["2026-09-01"], (START, 1.5), ("2026-02-01", 1.5)) == pytest.approx([1 - 0.65**2])


def test_two_sessions_on_one_day_are_one_and_the_deeper_counts():
    days = ["2026-06-01", "2026-12-01"]
    assert build(days, (START, 0.5), (START, 1.5), (START, None)) == build(days, (START, 1.5))


def test_without_sessions_there_is_nothing():
    assert build([START, "2027-01-01"]) == [0, 0]


def test_months_keep_to_the_month_s_last_day():
    assert build(["2026-02-28"], ("2025-08-31", 1.5)) == [0.35]


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(pd.Timestamp("2020-01-01").date(), pd.Timestamp("2026-01-01").date()).map(str),
            st.none() | st.floats(0.2, 3),
        ),
        max_size=8,
    )
)
def test_it_stays_between_none_and_full(sessions):
    days = [str(day.date()) for day in pd.date_range("2020-01-01", "2029-01-01", freq="30D")]
    values = build(days, *sessions)
    assert min(values) >= 0
    assert max(values) < 1
    assert values[-1] == 0


def test_a_protocol_without_a_curve_has_none():
    days = pd.DatetimeIndex([START])
    assert collagen_build(pd.DataFrame({"day": days, "depth_mm": [1.5]}), PLAIN, days) is None


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (-1, []),
        (0, ["Glow and redness"]),
        (2, ["Glow and redness"]),
        (3, ["Healing"]),
        (7, ["Healing", "First change"]),
        (8, ["First change"]),
        (42, ["Build", "Collagen peak"]),
        (56, ["Collagen peak"]),
        (57, []),
        (89, []),
        (90, ["Long-term result"]),
        (181, ["Long-term result", "Lasting"]),
        (730, ["Lasting"]),
        (731, []),
    ],
)
def test_a_phase_has_its_first_and_last_day(day, names):
    start = pd.Timestamp(START)
    assert [phase.name for phase in current_phases(PROTOCOL, start, start + pd.Timedelta(days=day))] == names


def test_phases_have_dates():
    dates = phase_days(PROTOCOL, pd.Timestamp("2026-01-31")).set_index("name")
    assert dates.loc["Glow and redness", ["starts_on", "ends_on"]].tolist() == [
        pd.Timestamp("2026-01-31"),
        pd.Timestamp("2026-02-02"),
    ]
    assert dates.loc["Long-term result", "starts_on"] == pd.Timestamp("2026-04-30")


def course(session_on: str, as_of: str, protocol=PROTOCOL) -> list[tuple[str, str]]:
    """Each phase's name, or "silent", and when it is."""
    found = phase_course(protocol, pd.Timestamp(session_on), pd.Timestamp(as_of))
    return [
        ("silent" if silent else name, when)
        for name, silent, when in zip(found["name"], found["silent"], found["when"], strict=True)
    ]


@pytest.mark.parametrize(
    ("day", "current", "coming"),
    [
        (0, ["Glow and redness"], ["Healing"]),
        (7, ["Healing", "First change"], ["Visible results"]),
        (42, ["Build", "Collagen peak"], ["Long-term result"]),
        (56, ["Collagen peak"], ["Long-term result"]),
        (57, ["silent"], ["Long-term result"]),
        (89, ["silent"], ["Long-term result"]),
        (90, ["Long-term result"], ["Lasting"]),
        (730, ["Lasting"], []),
        (731, [], []),
        (-1, [], ["Glow and redness"]),
    ],
)
def test_the_current_phase_and_the_next(day, current, coming):
    """A phase's last day is its own; in the silent time the next phase is still named."""
    found = course(START, str(pd.Timestamp(START) + pd.Timedelta(days=day)))
    assert [name for name, when in found if when == "current"] == current
    assert [name for name, when in found if when == "next"] == coming
    assert [name for name, _ in found].count("silent") == 1


def test_the_silent_days_lie_between_week_8_and_month_3():
    """From the day after the one phase to the day before the next, across a leap day too."""
    found = phase_course(PROTOCOL, pd.Timestamp("2023-12-31"), pd.Timestamp("2024-02-29"))
    silent = found[found["silent"]].iloc[0]
    assert (str(silent["starts_on"].date()), str(silent["ends_on"].date())) == ("2024-02-26", "2024-03-30")
    assert silent["when"] == "current"
    assert found["starts_on"].is_monotonic_increasing


def test_a_phase_after_a_leap_day_ends_on_the_month_s_last_day():
    """Six months after 29 February is 29 August, two years after it 28 February."""
    found = phase_days(PROTOCOL, pd.Timestamp("2024-02-29")).set_index("name")
    assert [str(day.date()) for day in found.loc["Lasting", ["starts_on", "ends_on"]]] == ["2024-08-29", "2026-02-28"]


@pytest.mark.parametrize(
    ("pause", "is_closed", "told"),
    [
        (None, False, ["Build", "Collagen peak", "Long-term result", "Lasting"]),
        (None, True, []),
        (("2026-02-01", None), False, []),
        (("2026-02-01", "2026-03-03"), False, ["Build", "Collagen peak", "Long-term result", "Lasting"]),
        (("2026-02-01", "2026-03-04"), False, []),
        (("2026-03-10", "2026-03-14"), False, ["Build", "Long-term result", "Lasting"]),
        (("2026-03-14", None), False, ["Build", "Collagen peak"]),
    ],
)
def test_nobody_is_asked_to_come_in_vain(pause, is_closed, told):
    """After-care is always told; what speaks of visits not where the plan is closed, paused now or paused then."""
    phases = phase_days(PROTOCOL, pd.Timestamp("2026-01-30"))
    holds = pd.DataFrame([pause] if pause else [], columns=["starts_on", "ends_on"]).astype("datetime64[s]")
    found = to_do(phases, pd.Timestamp("2026-02-27"), pd.Timestamp("2026-03-03"), holds, is_closed=is_closed)
    care = ["Glow and redness", "Healing", "First change", "Visible results"]
    assert phases.loc[found != "", "name"].tolist() == [*care, *told]


def test_both_texts_that_differ_are_told():
    """Who calls results visible and who most significant, each under its own days, in every shipped protocol."""
    for protocol in read_protocols(FOLDER).values():
        both = differing(phase_course(protocol, pd.Timestamp(START), pd.Timestamp(START)))
        assert both["says"].tolist() == [
            "article 1 (visible at 2–4 weeks)",
            "article 4 (most significant from 4–6 weeks)",
        ]
        assert both["name"].tolist() == ["Visible results", "Build"]


def test_a_protocol_without_phases_has_no_course():
    """And nothing that differs."""
    none = phase_course(PROTOCOL.model_copy(update={"phases": ()}), pd.Timestamp(START), pd.Timestamp(START))
    assert none.empty
    assert differing(none).empty


def ahead(planned: list[str], days: list[str], *sessions: tuple[str, float | None], protocol=PROTOCOL):
    """The build on some days with planned sessions and without."""
    frame = pd.DataFrame(list(sessions), columns=["day", "depth_mm"]).astype({"depth_mm": float})
    frame["day"] = pd.to_datetime(frame["day"])
    return build_ahead(frame, [pd.Timestamp(day) for day in planned], protocol, pd.DatetimeIndex(days))


def test_planned_sessions_build_as_if_they_had_been_done():
    """With them the curve is that of all sessions at the last depth known, without them that of those done."""
    days = ["2026-02-01", "2026-03-01", "2026-09-01", "2027-06-01"]
    done = [(START, 0.8), ("2026-01-29", None)]
    found = ahead(["2026-03-01"], days, *done)
    assert found["not_coming"].round(6).tolist() == build(days, *done)
    assert found["coming"].round(6).tolist() == build(days, *done, ("2026-03-01", 0.8))
    assert found["coming"].iloc[1] == found["not_coming"].iloc[1], "the planned day itself has built nothing yet"


def test_before_the_first_session_only_coming_builds():
    """A depth that nobody knows stays unknown."""
    found = ahead(["2026-03-01"], ["2026-09-01"])
    assert (found["coming"].tolist(), found["not_coming"].tolist()) == ([0.35], [0])
    assert pd.isna(last_depth(pd.DataFrame({"day": pd.DatetimeIndex([START]), "depth_mm": [float("nan")]})))


def test_without_a_curve_nothing_is_built_ahead():
    """A protocol may have none."""
    assert ahead(["2026-03-01"], ["2026-09-01"], (START, 1.5), protocol=PLAIN) is None

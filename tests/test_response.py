"""The expected collagen build and the phases, at the numbers of docs/evidence.md."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.response import collagen_build, current_phases, phase_days
from lib.schedule import read_protocols

PROTOCOL = read_protocols(Path(__file__).parents[1] / "clinic_data" / "protocols")["acne-scars"]
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

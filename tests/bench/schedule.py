"""`expected_visits` beside a DuckDB query that answers a part of the same question, in one run.

The query finds window, timing and status of every performed session and of the next one; it knows
no holds, agreements, closures, reviews, bookings, projected rows or flags.
"""

import cProfile
import pstats
import statistics
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from lib.schedule import expected_visits, read_protocols

COURSES, VISITS, HOLDS, ROUNDS = 200_000, 1_000_000, 40_000, 7
AS_OF = np.datetime64("2026-06-30")
PROTOCOLS = Path(__file__).parents[2] / "clinic_data" / "protocols"

QUERY = """
with done as (
    select distinct v.course_id, v.visit_date
    from visits v
    where v.kind = 'session' and v.status = 'completed' and v.visit_date <= $as_of
), numbered as (
    select course_id, visit_date, row_number() over w as number, lag(visit_date) over w as previous,
           count(*) over (partition by course_id) as performed
    from done window w as (partition by course_id order by visit_date)
), rows as (
    select course_id, number, previous, visit_date as done_on from numbered
    union all
    select c.course_id, coalesce(n.performed, 0) + 1, n.visit_date, null
    from courses c left join numbered n on n.course_id = c.course_id and n.number = n.performed
    where c.opened_on <= $as_of and (c.closed_on is null or c.closed_on > $as_of)
), anchored as (
    select r.course_id, r.number, r.done_on, p.*, c.planned_sessions, coalesce(r.previous, c.opened_on) as anchor
    from rows r join courses c using (course_id) join protocols p on p.protocol_id = c.protocol_id
), windows as (
    select course_id, number, done_on, anchor,
        case when number = 1 then anchor when number <= planned_sessions then anchor + s_earliest
             else anchor + m_earliest end as earliest_on,
        case when number = 1 then anchor when number <= planned_sessions then anchor + s_start
             else anchor + m_start end as due_on,
        case when number = 1 then anchor + start_within when number <= planned_sessions then anchor + s_end
             else anchor + m_end end + interval 1 day as overdue_on,
        case when number <= planned_sessions then s_lapses else m_lapses end as lapses_after
    from anchored
)
select course_id, number, anchor, earliest_on, due_on, overdue_on, overdue_on + lapses_after as lapses_on,
    case when done_on is null then null when done_on < earliest_on then 'too_soon' when done_on < due_on then 'early'
         when done_on < overdue_on then 'on_time' else 'late' end as timing,
    case when done_on is not null then 'done' when $as_of < due_on then 'upcoming' when $as_of < overdue_on then 'due'
         when $as_of < overdue_on + lapses_after then 'overdue' else 'lapsed' end as status
from windows
"""


def clinic(seed: int = 1) -> dict[str, pd.DataFrame]:
    """Courses, visits and holds of a large clinic, five visits and a fifth of a hold for each course."""
    rng = np.random.default_rng(seed)
    protocols = read_protocols(PROTOCOLS)
    opened = AS_OF - rng.integers(0, 900, COURSES)
    closed = np.where(rng.random(COURSES) < 0.1, opened + rng.integers(100, 600, COURSES), np.datetime64("NaT"))
    courses = pd.DataFrame(
        {
            "course_id": np.arange(1, COURSES + 1),
            "protocol_id": pd.Categorical.from_codes(rng.integers(0, len(protocols), COURSES), list(protocols)),
            "planned_sessions": rng.integers(1, 7, COURSES),
            "opened_on": opened.astype("M8[s]"),
            "closed_on": closed.astype("M8[s]"),
        }
    )
    course = np.sort(rng.integers(0, COURSES, VISITS))
    nth = np.arange(VISITS) - np.searchsorted(course, course)
    day = opened[course] + nth * 35 + rng.integers(0, 20, VISITS)
    ahead = day > AS_OF
    kind = (rng.random(VISITS) < 0.15).astype(np.int8)
    status = np.where(ahead, 0, np.searchsorted([0.01, 0.87, 0.93], rng.random(VISITS))).astype(np.int8)
    order = rng.permutation(VISITS)
    visits = pd.DataFrame(
        {
            "course_id": course + 1,
            "kind": pd.Categorical.from_codes(kind, ["session", "review"]),
            "visit_date": day.astype("M8[s]"),
            "status": pd.Categorical.from_codes(status, ["booked", "completed", "cancelled", "no_show"]),
        }
    ).iloc[order]
    of = rng.integers(0, COURSES, HOLDS)
    starts = opened[of] + rng.integers(0, 400, HOLDS)
    ends = np.where(rng.random(HOLDS) < 0.15, np.datetime64("NaT"), starts + rng.integers(7, 200, HOLDS))
    holds = pd.DataFrame({"course_id": of + 1, "starts_on": starts.astype("M8[s]"), "ends_on": ends.astype("M8[s]")})
    return {"courses": courses, "visits": visits.reset_index(drop=True), "holds": holds}


def protocol_table() -> pd.DataFrame:
    """The protocols' durations as intervals for the query."""
    rows = []
    for name, protocol in read_protocols(PROTOCOLS).items():
        series, maintenance = protocol.sessions, protocol.maintenance
        rows.append(
            {
                "protocol_id": name,
                "start_within": str(series.start_within),
                "s_earliest": str(series.earliest),
                "s_start": str(series.window[0]),
                "s_end": str(series.window[1]),
                "s_lapses": str(series.lapses_after),
                "m_earliest": str(maintenance.earliest),
                "m_start": str(maintenance.window[0]),
                "m_end": str(maintenance.window[1]),
                "m_lapses": str(maintenance.lapses_after),
            }
        )
    return pd.DataFrame(rows)


def timed(work) -> float:
    """Seconds of one call."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> None:
    """Print both medians, their ratio and where the schedule's time goes."""
    frames, protocols = clinic(), read_protocols(PROTOCOLS)
    connection = duckdb.connect()
    connection.execute("set enable_progress_bar = false")
    for name, frame in {**frames, "text": protocol_table()}.items():
        connection.register(name, frame)
    columns = ", ".join(f"{name}::interval as {name}" for name in protocol_table().columns[1:])
    connection.execute(f"create table protocols as select protocol_id, {columns} from text")

    def by_query():
        return connection.sql(QUERY, params={"as_of": AS_OF.astype("M8[s]").item()}).to_arrow_table()

    def by_schedule():
        return expected_visits(frames["courses"], frames["visits"], frames["holds"], protocols, AS_OF)

    rows, queried = len(by_schedule()), len(by_query())
    # Turn about, so that a busy moment of the machine falls on both.
    times = [(timed(by_schedule), timed(by_query)) for _ in range(ROUNDS)]
    schedule, query = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{COURSES:,} courses, {VISITS:,} visits, {HOLDS:,} holds; medians of {ROUNDS} rounds")
    print(f"expected_visits: {schedule:.3f} s for {rows:,} rows")
    print(f"DuckDB query:    {query:.3f} s for {queried:,} rows (sessions only)")
    print(f"ratio:           {schedule / query:.2f}")

    profile = cProfile.Profile()
    profile.runcall(by_schedule)
    print("where the schedule's time goes (own time, s):")
    stats = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    for (file, _, name), (_, _, own, _, _) in sorted(stats.items(), key=lambda item: -item[1][2])[:12]:
        print(f"  {own:6.3f}  {Path(file).name}:{name}" if own else "")


if __name__ == "__main__":
    main()

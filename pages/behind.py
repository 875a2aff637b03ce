"""Behind a figure: whom a number of the caseload counts, a row each."""

import numpy as np
import pandas as pd
import streamlit as st

from clinic_data.patients import contacts
from lib import words
from lib.caseload import PATIENT, PLAN, Caseload, Figure, Part
from lib.schedule.explain import visit_name
from lib.words import NOBODY
from pages.parts import desk
from pages.parts.figures import BY, FIGURE, PART, of_unit
from pages.parts.load import Load, load, load_caseload
from pages.parts.opening import open_button, open_column
from pages.parts.scope import Scope, practitioner_names
from pages.parts.text import literally

SHOWN_AT_MOST = 2000
CASELOAD_PAGE = "caseload.py"

scope: Scope = st.session_state["scope"]
actor, store = desk.actor(), desk.store()
clinic = load(actor, store, scope.as_of)
caseload = load_caseload(actor, store, scope.as_of)


def wanted(caseload: Caseload) -> tuple[Figure, Part | None] | None:
    """The figure and the part that the address names, None for all of its parts; None where there is no such."""
    # Back from a patient's page comes by an address that names the patient alone: the figure looked at last is meant
    last = st.session_state.get("last figure", {})
    if FIGURE not in st.query_params and last:
        st.query_params.update(last)
    st.session_state["last figure"] = {
        key: st.query_params[key] for key in (FIGURE, PART, BY) if key in st.query_params
    }
    figure = caseload.figures.get(st.query_params.get(FIGURE, ""))
    name = st.query_params.get(PART, "")
    if figure is None:
        return None
    if not name:
        return figure, None
    return next(((figure, part) for part in figure.parts if part.id == name), None)


def of_practitioner(by: str, courses: pd.DataFrame) -> np.ndarray:
    """For each treatment plan whether it is that practitioner's; "0" stands for plans without one."""
    ids = courses["practitioner_id"]
    if not by:
        return np.ones(len(courses), bool)
    return (ids.isna() if by == "0" else ids.astype("string") == by).fillna(False).to_numpy(bool)


def name_of(by: str, clinic: Load) -> str:
    """The practitioner whose plans are counted."""
    ids = clinic.practitioners.index.astype(str)
    return NOBODY if by == "0" else next(iter(clinic.practitioners[ids == by]), "Unknown practitioner")


def visits(rows: pd.DataFrame, clinic: Load) -> list[str]:
    """What each row is: Session 3, Follow-up review."""
    protocol = clinic.known.courses.set_index("course_id").loc[rows["course_id"], "protocol_id"]
    return [
        words.sentence(visit_name(clinic.known.protocols[key], kind, number))
        for key, kind, number in zip(protocol, rows["kind"], rows["number"], strict=True)
    ]


def states(rows: pd.DataFrame) -> pd.Series:
    """How each row stands: its flag, else its status, in words."""
    timing = rows["timing"].astype(object).map(words.TIMINGS)
    status = rows["status"].astype(object).map(words.STATUSES)
    return rows["flag"].astype(object).map(words.FLAGS).fillna(timing).fillna(status)


def show_people(rows: pd.DataFrame, clinic: Load, key: str) -> None:
    """The table of those who are counted, with a way to each one's page."""
    about = contacts(actor, store, rows["patient_id"].unique().tolist()).set_index("patient_id")
    about = about.loc[rows["patient_id"]]
    day = st.column_config.DateColumn
    st.dataframe(
        pd.DataFrame(
            {
                "open": open_button(len(rows)),
                "patient": about["name"].to_numpy(),
                "what": visits(rows, clinic),
                "state": states(rows),
                "days_over": rows["days_overdue"].where(rows["days_overdue"] > 0).astype("Int64"),
                "come_from": rows["due_on"],
                "come_by": rows["overdue_on"] - pd.Timedelta(days=1),
                "done_on": rows["done_on"],
                "booked_on": rows["booked_on"],
                "area": rows["area"].astype(object),
                "protocol": rows["protocol"].astype(object).map(clinic.protocol_names),
                "practitioner": practitioner_names(rows["practitioner_id"], clinic),
            }
        ).dropna(axis="columns", how="all"),
        hide_index=True,
        height=min(620, 38 + 35 * len(rows)),
        placeholder="",
        alt=f"{len(rows)} rows behind the figure",
        key=f"behind {key}",
        column_config={
            "open": open_column(f"open {key}", about["code"].tolist()),
            "patient": st.column_config.TextColumn("Patient", width=160),
            "what": "Visit",
            "state": "State",
            "days_over": st.column_config.NumberColumn("Days over", help="Days since the window's last day."),
            "come_from": day("Come between", format="DD MMM YYYY"),
            "come_by": day("and", format="DD MMM YYYY", help="The window's last day."),
            "done_on": day("Done on", format="DD MMM YYYY"),
            "booked_on": day("Booked for", format="DD MMM YYYY"),
            "area": "Area",
            "protocol": "Protocol",
            "practitioner": "Practitioner",
        },
    )


found = wanted(caseload)
if found is None:
    st.title("Behind a figure", anchor=False)
    st.info("Choose a number on Caseload to see its patients.", icon=":material/monitoring:")
    st.page_link(CASELOAD_PAGE, label="To Caseload")
    st.stop()
figure, part = found
by = st.query_params.get(BY, "")
st.page_link(CASELOAD_PAGE, label="Caseload", icon=":material/arrow_back:", help="")
st.title(figure.name if part is None or part.name == figure.name else f"{figure.name}: {part.name}", anchor=False)
if by:
    st.markdown(f"Treatment plans of **{literally(name_of(by, clinic))}**.")
st.caption(figure.definition)

mine = of_practitioner(by, caseload.courses)
rows = caseload.behind(figure.id, part.id if part else None, mine & scope.keeps(caseload.courses, clinic))
everyone = caseload.counts(figure.id, mine)[part.id] if part else caseload.total(figure.id, mine)
said = f"**{of_unit(len(rows), figure)}** on {words.day(scope.as_of)}"
if figure.unit != PATIENT:
    said += f", of {words.count(rows['patient_id'].nunique(), 'patient')}"
hidden = everyone - len(rows)
st.markdown(said + (f". Your filters hide **{of_unit(hidden, figure)}**." if hidden else "."))
if not len(rows):
    st.info(
        "Your filters hide everyone who is counted here." if hidden else "Nobody is counted here on this day.",
        icon=":material/filter_alt:" if hidden else ":material/check_circle:",
    )
if len(rows) > SHOWN_AT_MOST:
    st.info(f"The first {SHOWN_AT_MOST:,} are listed; set a filter to reach the others.", icon=":material/list:")
    rows = rows.head(SHOWN_AT_MOST)
if len(rows):
    if figure.unit == PLAN:
        st.caption("Each treatment plan with the visit that says how it stands.")
    show_people(rows, clinic, f"{figure.id} {st.query_params.get(PART)} {by} {store.revision()} {scope}")

"""Data to doubt: a list beside the worklist, each with what is odd, a way to the patient, and its mend."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from clinic_data.actor import Actor
from clinic_data.database import Store
from clinic_data.doubts_input import decided, read_doubts
from clinic_data.patients import contacts
from clinic_data.schedule_input import ScheduleInput
from lib import words
from lib.doubts import KEY
from pages.parts.mends import show_mends
from pages.parts.opening import open_patient
from pages.parts.recording import show_saved

SHOWN_AT_MOST = 200
AT_HAND = "doubt at hand"


def count_doubts(actor: Actor, store: Store, known: ScheduleInput, as_of: date) -> int:
    """How many doubts wait for somebody; the arguments are those of `show_doubts`."""
    return len(_waiting_and_settled(actor, store, known, as_of)[0])


def show_doubts(actor: Actor, store: Store, known: ScheduleInput, as_of: date, may_mend: bool) -> None:
    """What can hardly be right in the record as it stands.

    `known` is of all patients and of whatever day; `as_of` is the clinic's own day, whatever day is shown.
    """
    waiting, settled = _waiting_and_settled(actor, store, known, as_of)
    show_saved(actor, store, where="in the doubts")
    if waiting.empty:
        st.success("Nothing that is recorded looks wrong.", icon=":material/check_circle:")
    else:
        _say_how_many(waiting)
    shown, said = waiting.head(SHOWN_AT_MOST), settled.head(SHOWN_AT_MOST)
    names = _names(actor, store, pd.concat([shown, said]))
    for doubt in shown.astype(object).to_dict("records"):
        _show_doubt(actor, store, {str(name): value for name, value in doubt.items()}, names, as_of, may_mend)
    if len(settled):
        _show_settled(settled, said, names)


def _waiting_and_settled(
    actor: Actor, store: Store, known: ScheduleInput, as_of: date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    return decided(actor, store, _found(actor, known, str(store.path), store.revision(), as_of, actor.own))


@st.cache_resource(max_entries=4, show_spinner="Looking through the record …")
def _found(_actor: Actor, _known: ScheduleInput, path: str, revision: int, as_of: date, own: int | None):
    return read_doubts(_actor, Store(Path(path)), as_of, known=_known)


def _say_how_many(waiting: pd.DataFrame) -> None:
    counts = waiting["kind"].value_counts()
    parts = ", ".join(f"{counts[kind]:,} × {name.lower()}" for kind, name in words.DOUBTS.items() if kind in counts)
    st.markdown(f"**{len(waiting):,}** to look at: {parts}.")
    st.caption("The schedule takes the record as it stands; mend what is wrong, or say why it is right.")
    if len(waiting) > SHOWN_AT_MOST:
        st.info(f"The first {SHOWN_AT_MOST:,} are listed; the others follow as these go.", icon=":material/list:")


def _names(actor: Actor, store: Store, doubts: pd.DataFrame) -> dict[int, tuple[str, str]]:
    """Name and code of everybody in the list, by id."""
    ids = pd.concat([doubts["patient_id"], doubts["other_patient_id"]]).dropna().unique()
    people = contacts(actor, store, [int(one) for one in ids])
    pairs = zip(people["name"], people["code"], strict=True)
    return dict(zip(people["patient_id"], pairs, strict=True))


def _show_doubt(
    actor: Actor,
    store: Store,
    doubt: dict[str, Any],
    names: dict[int, tuple[str, str]],
    today: date,
    may_mend: bool,
) -> None:
    """One doubt; its mends are drawn where it is the one at hand."""
    key = " ".join(str(doubt[name]) for name in [*KEY, "hold_id"])
    people = _people(doubt, names)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f":orange-badge[{words.DOUBTS[doubt['kind']]}]", width="content")
            st.text(_who(people), width="content")
            for place, (_, code) in enumerate(people.values(), 1):
                label = "Open patient" if len(people) == 1 else f"Open {place}"
                icon = ":material/arrow_forward:"
                st.button(
                    label, key=f"open {code} {key}", icon=icon, type="tertiary", on_click=open_patient, args=(code,)
                )
            if may_mend:
                st.button("Mend", key=f"mend {key}", icon=":material/build:", on_click=_take_up, args=(key,))
        st.text(doubt["sentence"])
        if may_mend and st.session_state.get(AT_HAND) == key:
            show_mends(actor, store, doubt, {one: " · ".join(name) for one, name in people.items()}, today)


def _show_settled(settled: pd.DataFrame, said: pd.DataFrame, names: dict[int, tuple[str, str]]) -> None:
    """What somebody has said is right, with who, when and why."""
    with st.expander(f"Said to be right ({len(settled):,})"):
        st.dataframe(
            pd.DataFrame(
                {
                    "who": [_who(_people(doubt, names)) for doubt in said.astype(object).to_dict("records")],
                    "what": said["sentence"],
                    "reason": said["reason"].fillna("Different people"),
                    "by": said["decided_by"],
                    "on": said["decided_on"],
                }
            ),
            hide_index=True,
            height="content" if len(said) <= 15 else 560,
            placeholder="",
            alt="What looks wrong and was said to be right, by whom and why",
            column_config={
                "who": "Patient",
                "what": "What looks wrong",
                "reason": "Why it is right",
                "by": "Said by",
                "on": st.column_config.DateColumn("On", format="DD MMM YYYY"),
            },
        )
        st.caption("To look at one again, undo it in the patient's list of changes.")


def _people(doubt: dict[Any, Any], names: dict[int, tuple[str, str]]) -> dict[int, tuple[str, str]]:
    """Name and code of whom a doubt is about."""
    ids = [int(doubt[name]) for name in ("patient_id", "other_patient_id") if not pd.isna(doubt[name])]
    return {one: names[one] for one in ids if one in names}


def _who(people: dict[int, tuple[str, str]]) -> str:
    """The patient's name; of two, both with their codes."""
    if len(people) == 1:
        return next(iter(people.values()))[0]
    return " and ".join(f"{name} ({code})" for name, code in people.values())


def _take_up(key: str) -> None:
    """Open the mends of one doubt, or close them."""
    st.session_state[AT_HAND] = None if st.session_state.get(AT_HAND) == key else key

"""What all pages share: the day shown, and the filters of the lists. Rendered by the shell alone."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lib import words
from lib.words import NOBODY
from pages.parts.load import Load

DAY, PRACTITIONER, PROTOCOL, AREA, FLAG = "day", "practitioner", "protocol", "area", "flag"
YEARS_BACK = 10


@dataclass(frozen=True)
class Scope:
    """The day shown, and what the filters leave; an empty filter leaves everything."""

    as_of: date
    today: date
    practitioners: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def address(self) -> dict[str, str]:
        """The part of an address that keeps the day shown."""
        return {} if self.as_of == self.today else {DAY: self.as_of.isoformat()}

    def keep(self, rows: pd.DataFrame, load: Load) -> pd.DataFrame:
        """Those of the flagged rows that the filters leave."""
        chosen = self.keeps(rows, load)
        if self.flags:
            chosen &= rows["flag"].astype(object).map(words.FLAGS).isin(self.flags).to_numpy()
        return rows[chosen]

    def keeps(self, rows: pd.DataFrame, load: Load) -> np.ndarray:
        """For each row of a course, whether the filters for practitioner, protocol and area leave it."""
        chosen = np.ones(len(rows), bool)
        if self.practitioners:
            named = load.practitioners.index[load.practitioners.isin(self.practitioners)]
            chosen &= rows["practitioner_id"].isin(named).to_numpy()
            if NOBODY in self.practitioners:
                chosen |= rows["practitioner_id"].isna().to_numpy()
        if self.protocols:
            ids = [protocol for protocol, name in load.protocol_names.items() if name in self.protocols]
            chosen &= rows["protocol"].isin(ids).to_numpy()
        if self.areas:
            chosen &= rows["area"].isin(self.areas).to_numpy()
        return chosen


def practitioner_names(ids: pd.Series, load: Load) -> pd.Series:
    """Practitioners' names for their ids."""
    return ids.map(load.practitioners).astype(object).fillna(NOBODY)


def choose_day(today: date) -> date:
    """The day shown; any past one may be chosen."""
    chosen = st.date_input(
        "Shown for",
        value=today,
        min_value=today - timedelta(days=365 * YEARS_BACK),
        max_value=today,
        format="DD/MM/YYYY",
        key=DAY,
        bind="query-params",
        help="Any past day can be shown, as it was known then; nothing can be recorded for it.",
        width=160,
    )
    return chosen or today


def choose_filters(scope: Scope, load: Load, *, by_flag: bool) -> Scope:
    """The filters of the lists and figures, kept in the address; the one for flags only where it is wanted.

    They lie open: what is folded away is not in the page until it is opened, and then links lose it.
    """
    columns = iter(st.columns(4 if by_flag else 3, gap="small"))
    areas = load.known.courses["area"].cat.categories
    return replace(
        scope,
        practitioners=_choice(next(columns), "Practitioner", PRACTITIONER, [*load.practitioners, NOBODY]),
        protocols=_choice(next(columns), "Protocol", PROTOCOL, sorted(set(load.protocol_names.values()))),
        areas=_choice(next(columns), "Area", AREA, sorted(areas)),
        flags=_choice(next(columns), "Flag", FLAG, list(words.FLAGS.values())) if by_flag else (),
    )


def _choice(column: DeltaGenerator, label: str, key: str, options: list[str]) -> tuple[str, ...]:
    chosen = column.multiselect(
        label,
        options,
        key=key,
        bind="query-params",
        placeholder=f"{label}: all",
        label_visibility="collapsed",
    )
    return tuple(chosen)

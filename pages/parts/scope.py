"""What all pages share: the day shown, and the filters of the lists. Rendered by the shell alone."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

import pandas as pd
import streamlit as st

from lib import words
from pages.parts.load import Load

DAY, PRACTITIONER, PROTOCOL, AREA, FLAG = "day", "practitioner", "protocol", "area", "flag"
NOBODY = "No practitioner"
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
    def filters(self) -> int:
        """How many filters are set."""
        return sum(map(bool, (self.practitioners, self.protocols, self.areas, self.flags)))

    @property
    def address(self) -> dict[str, str]:
        """The part of an address that keeps the day shown."""
        return {} if self.as_of == self.today else {DAY: self.as_of.isoformat()}

    def keep(self, rows: pd.DataFrame, load: Load) -> pd.DataFrame:
        """Those of the flagged rows that the filters leave."""
        chosen = pd.Series(True, index=rows.index)
        if self.practitioners:
            chosen &= practitioner_names(rows["practitioner_id"], load).isin(self.practitioners)
        if self.protocols:
            chosen &= rows["protocol"].astype(object).map(load.protocol_names).isin(self.protocols)
        if self.areas:
            chosen &= rows["area"].astype(object).isin(self.areas)
        if self.flags:
            chosen &= rows["flag"].astype(object).map(words.FLAGS).isin(self.flags)
        return rows[chosen]


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


def choose_filters(scope: Scope, load: Load) -> Scope:
    """The filters of the lists, kept in the address."""
    rows = load.known.courses
    count = sum(bool(st.session_state.get(key)) for key in (PRACTITIONER, PROTOCOL, AREA, FLAG))
    label = f"Filters ({count})" if count else "Filters"
    with st.popover(label, icon=":material/filter_list:"):
        practitioners = _choice("Practitioner", PRACTITIONER, [*load.practitioners, NOBODY])
        protocols = _choice("Protocol", PROTOCOL, sorted(set(load.protocol_names.values())))
        areas = _choice("Area", AREA, sorted(rows["area"].astype(object).unique()))
        flags = _choice("Flag", FLAG, list(words.FLAGS.values()))
    return replace(scope, practitioners=practitioners, protocols=protocols, areas=areas, flags=flags)


def _choice(label: str, key: str, options: list[str]) -> tuple[str, ...]:
    return tuple(st.multiselect(label, options, key=key, bind="query-params", placeholder="All"))

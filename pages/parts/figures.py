"""The manager's figures on a page: each with its definition and its n, each number a way to its patients."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from lib import words
from lib.caseload import Caseload, Figure

BEHIND_PAGE = "behind.py"
FIGURE, PART, BY = "figure", "part", "by"
ROW, HEADER = 35, 36


@dataclass(frozen=True)
class Cell:
    """A number of a table, and whom it counts: the part of a figure, of one practitioner's plans where `by` is set."""

    number: int
    figure: str
    part: str
    by: str = ""
    share: float | None = None

    @property
    def label(self) -> str:
        """The number as it is shown, with its share where it has one."""
        return f"{self.number:,}" if self.share is None else f"{self.number:,} · {self.share:.0%}"

    @property
    def address(self) -> dict[str, str]:
        """Where its patients are."""
        return lead(self.figure, self.part, self.by)


def lead(figure: str, part: str, by: str = "") -> dict[str, str]:
    """The address of those whom a part of a figure counts, or all its parts; filters and day stay."""
    return {key: value for key, value in ((FIGURE, figure), (PART, part), (BY, by)) if value}


def of_unit(number: int, figure: Figure) -> str:
    """A number and what it counts."""
    return words.count(number, figure.unit)


def show_metric(caseload: Caseload, figure: str, kept: np.ndarray | None) -> None:
    """A figure of one number, and the way to its patients."""
    about, number = caseload.figures[figure], caseload.total(figure, kept)
    with st.container(border=True, height="stretch", gap="xxsmall"):
        st.metric(about.name, f"{number:,}", help=about.definition)
        show_link(f"Show {of_unit(number, about)}", lead(figure, about.parts[0].id))


def show_link(label: str, address: dict[str, str]) -> None:
    """A real link to those behind a number."""
    st.page_link(BEHIND_PAGE, label=label, icon=":material/arrow_forward:", help="", query_params=address)


def show_heading(caseload: Caseload, figure: str, kept: np.ndarray | None) -> None:
    """A figure's name with its definition, and its n."""
    about = caseload.figures[figure]
    st.subheader(about.name, anchor=False, help=about.definition)
    st.caption(f"n = {of_unit(caseload.total(figure, kept), about)}. Every number opens those whom it counts.")


def show_links(caseload: Caseload, figure: str, counts: dict[str, int], parts: list[str]) -> None:
    """A link for each of the parts, its number after its name."""
    about = caseload.figures[figure]
    for part in parts:
        show_link(f"{about.part(part).name}\u2002**{counts[part]:,}**", lead(figure, part))


def show_numbers(plain: dict[str, list], columns: dict[str, list[Cell]], *, key: str, alt: str) -> None:
    """A table whose numbers open those whom they count, after the `plain` columns that say what a row is.

    `key` changes with what the cells lead to.
    """
    first, *_ = plain
    shown: dict[str, list] = dict(plain)
    config: dict[str, Any] = {first: st.column_config.TextColumn(first, pinned=True)}
    for column, cells in columns.items():
        shown[column] = [cell.label for cell in cells]
        press = f"{key} {column}"
        config[column] = st.column_config.ButtonColumn(
            column,
            type="tertiary",
            alignment="right",
            key=press,
            on_click=_open,
            args=(press, [cell.address for cell in cells]),
        )
    st.dataframe(
        pd.DataFrame(shown),
        hide_index=True,
        height=HEADER + ROW * len(plain[first]) + 2,
        alt=alt,
        column_config=config,
        key=f"numbers {key}",
    )


def show_picture(figure: go.Figure, key: str, alt: str) -> None:
    """A picture; its numbers stand beside it too, so nothing in it has to be tapped."""
    st.plotly_chart(figure, width="stretch", alt=alt, config={"displayModeBar": False}, key=key)


def _open(key: str, addresses: list[dict[str, str]]) -> None:
    st.switch_page(BEHIND_PAGE, query_params=addresses[st.session_state[key]["row"]])

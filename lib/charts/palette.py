"""The colours, shapes and words of every picture, and the layout they share.

A status is always a colour, a shape and a word. The colours are Okabe and Ito's, told apart by most colour-blind
people; the shape survives greyscale print.
"""

import html
import textwrap
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from lib.words import STATUSES as STATUS_WORDS

OVERDUE = "#D55E00"
UNSAFE = "#CC79A7"
DUE = "#E69F00"
BOOKED = "#0072B2"
DONE = "#009E73"
CLOSED = "#6B7280"

LINE = "#7A7F87"
"""Lines and outlines: 4:1 on white and on Streamlit's dark page alike."""
STRIP, STRIP_NOW, INK, PAPER = "#B9BEC6", "#565C66", "#111111", "#FFFFFF"
"""Solid labelled bars, the one that is now, and the ink for each: their labels can't follow the theme."""

SHAPES = {"session": "circle", "review": "square"}
OTHER_SHAPE = "diamond"


@dataclass(frozen=True)
class Look:
    """How a status looks, and its word. `mark` is what plotly adds to the shape's name."""

    colour: str
    mark: str
    word: str

    @property
    def outline(self) -> str:
        """The colour of its edge: amber is too faint on white to be one."""
        return LINE if self.colour == DUE else self.colour


VISITS = {
    "on_time": Look(DONE, "", "Done on time"),
    "off_time": Look(DONE, "", "Done early or late"),
    "too_soon": Look(UNSAFE, "", "Done too soon"),
    "unjudged": Look(CLOSED, "", "Interim or other"),
    "booked": Look(BOOKED, "-open", "Booked"),
    "booked_unsafe": Look(UNSAFE, "-open", "Booked: move it"),
    "unrecorded": Look(DUE, "-open", "Did they come?"),
    "no_show": Look(OVERDUE, "-x-open", "Did not come"),
    "cancelled": Look(CLOSED, "-cross-open", "Cancelled"),
}
"""Visits: filled happened, hollow is booked, crossed was missed."""

STATUSES = {
    "done": Look(DONE, "", STATUS_WORDS["done"]),
    "skipped": Look(CLOSED, "-open", STATUS_WORDS["skipped"]),
    "on_hold": Look(CLOSED, "-open", STATUS_WORDS["on_hold"]),
    "upcoming": Look(BOOKED, "-open", STATUS_WORDS["upcoming"]),
    "due": Look(DUE, "-open", STATUS_WORDS["due"]),
    "overdue": Look(OVERDUE, "-x-open", STATUS_WORDS["overdue"]),
    "lapsed": Look(CLOSED, "-x-open", STATUS_WORDS["lapsed"]),
    "projected": Look(BOOKED, "-open", STATUS_WORDS["projected"]),
}
"""Expected visits, by the status of docs/rules.md."""


STEADY = {"marker": {"opacity": 1}, "textfont": {"color": LINE}}
"""`unselected` of every trace: choosing one mark must not dim the others. `ink` paints over the text's colour."""


def pale(colour: str, share: float) -> str:
    """A colour through which the page shows: `share` is how much of it stays."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{share})"


def plain(text: object) -> str:
    """Free text for a label: plotly reads tags, and entities but not quotes'."""
    return html.escape(str(text), quote=False)


def lines(*parts: str) -> str:
    """Free text in lines, for a hover; empty ones are left out."""
    return "<br>".join(plain(part) for part in parts if part)


@lru_cache(maxsize=4096)
def wrapped(*parts: str) -> str:
    """Long free texts for a hover, each in lines that fit a phone.

    A rule is said of every window that it sets, so what was wrapped is kept.
    """
    return lines(*(line for part in parts for line in textwrap.wrap(part, 44)))


def ink(markup: str, colour: str = "CanvasText") -> str:
    """Markup in a colour, otherwise the page's own ink, black or white; the theme's grey is faint on white."""
    return f'<span style="color:{colour}">{markup}</span>'


def glyph(colour: str) -> str:
    """A small square of a colour, to stand in a label before its word."""
    return ink("■", colour)


def base_layout(height: int) -> dict[str, Any]:
    """The layout that pictures share, `height` in pixels: the page shows through, and a tap or drag moves nothing."""
    clear = "rgba(0,0,0,0)"
    return {
        "height": height,
        "paper_bgcolor": clear,
        "plot_bgcolor": clear,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left"},
        "barmode": "overlay",
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "yanchor": "top",
            "entrywidth": 98,
            "font": {"size": 11},
            "itemclick": False,
            "itemdoubleclick": False,
            "bgcolor": clear,
        },
    }

"""The handout set out on A4 as a PDF, in fonts that it brings along."""

import unicodedata
from collections.abc import Iterator
from contextlib import closing
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

import fontpkg
from fpdf import FPDF

from lib.handout import Handout

FAMILY, OTHER_SCRIPTS = "Fira Sans", "Rubik"
"""Latin, Greek and Cyrillic letters; Arabic and Hebrew ones, loaded only where there are any: it takes a second."""

WEIGHTS = {"": 400, "B": 600}
OTHER_WEIGHT: Any = {"wght": 500}

MARGIN, TOP, GAP, PADDING = 16.0, 12.0, 4.0, 3.5
WIDTH = 210 - 2 * MARGIN
NAMES = 43.0
"""The column beside the texts at size 1, in millimetres as all lengths here."""

LINE_HEIGHT = 0.48
"""How far apart lines are, for each point of the letters' size."""

SIZES = (1.12, 1.04, 0.97, 0.9, 1.0)
"""How large everything is: the first with which it fits on one page; else the last one, over several."""

INK, MUTED, TEAL, PALE = "#1f2933", "#52606d", "#0b5f63", "#e8f3f2"


@dataclass(frozen=True)
class Text:
    """A paragraph, which may go on with a bold label and the rest; its size is in points."""

    content: str
    bold: bool = False
    size: float = 10.5
    colour: str = INK
    label: str = ""
    rest: str = ""


def as_pdf(page: Handout, *, made_at: datetime) -> bytes:
    """The handout as a file. What no font can write becomes a question mark, or nothing where it is no letter."""
    for size in SIZES[:-1]:
        with closing(_set_out(page, size)) as paper:
            if paper.pages_count == 1:
                return paper.content(made_at)
    with closing(_set_out(page, SIZES[-1])) as paper:
        return paper.content(made_at)


def _set_out(page: Handout, size: float) -> "_Paper":
    paper = _Paper(page, size)
    paper.add_page()
    _head(paper, page)
    _next_visit(paper, page)
    _skin(paper, page)
    _visits(paper, page)
    _foot(paper, page)
    return paper


def _head(paper: "_Paper", page: Handout) -> None:
    demo = " (invented data)" if page.is_demo else ""
    paper.put(Text(page.clinic + demo, bold=True, size=11, colour=TEAL))
    paper.put(Text(f"Hello {page.first_name}", bold=True, size=21))
    paper.put(Text(f"Your microneedling: {page.treatment}, {page.area}", size=12))
    paper.put(Text(f"For {page.name}, printed on {page.printed}", size=9, colour=MUTED))
    paper.ln(GAP)


def _next_visit(paper: "_Paper", page: Handout) -> None:
    coming = page.next_visit
    paper.box(Text(coming.title, bold=True, colour=TEAL), Text(coming.when, bold=True, size=15), Text(coming.note))


def _skin(paper: "_Paper", page: Handout) -> None:
    for heading, stages in (("Now", page.now), ("What to expect", page.ahead)):
        if not stages:
            continue
        paper.heading(
            heading, *([Text(page.counted_from, size=9, colour=MUTED)] if stages[0] == page.stages[0] else [])
        )
        for stage in stages:
            names = [Text(stage.name, bold=True), Text(stage.when, bold=True, colour=TEAL)]
            paper.beside(
                names,
                [Text(stage.sees, label="What to do:" if stage.do else "", rest=stage.do)],
                width=NAMES * paper.size,
            )


def _visits(paper: "_Paper", page: Handout) -> None:
    done = [Text(page.progress), *(Text(f"{one.what} · {one.when}") for one in page.done)]
    later = [Text(f"{one.what} · {one.when}") for one in page.later]
    if later and page.about_reviews:
        later.append(Text(page.about_reviews, size=9, colour=MUTED))
    paper.ln(GAP / 2)
    paper.beside([_heading("So far"), *done], [_heading("What follows"), *later] if later else [], width=WIDTH * 0.42)


def _foot(paper: "_Paper", page: Handout) -> None:
    paper.ln(GAP / 2)
    paper.box(Text(page.reach, bold=True, colour=TEAL))
    paper.put(Text(page.sources, size=8.5, colour=MUTED))


def _heading(text: str) -> Text:
    return Text(text, bold=True, size=13, colour=TEAL)


class _Paper(FPDF):
    """A4 paper that keeps together what belongs together, and goes on on a second page."""

    def __init__(self, page: Handout, size: float):
        super().__init__(format="A4")
        self.size = size
        self.set_margins(MARGIN, TOP)
        self.c_margin = 0
        self.set_auto_page_break(True, margin=TOP)
        self.str_alias_nb_pages = ""
        self.set_lang("en")
        self.set_title("Handout")
        for style, weight in WEIGHTS.items():
            self.add_font(FAMILY, style, fontpkg.path(FAMILY, weight))
        if not {ord(letter) for text in _texts(page) for letter in text if letter.isalpha()} <= self._letters():
            self.add_font(OTHER_SCRIPTS, "", fontpkg.path(OTHER_SCRIPTS), variations=OTHER_WEIGHT)
            self.set_fallback_fonts([OTHER_SCRIPTS], exact_match=False)
            self.set_text_shaping(True)
        self.letters = self._letters()

    def content(self, made_at: datetime) -> bytes:
        """The file."""
        self.set_creation_date(made_at)
        return bytes(self.output())

    def close(self) -> None:
        """Close the fonts' files."""
        fonts: Any = self.fonts
        for font in fonts.values():
            font.close()

    def footer(self) -> None:
        """The number of every page but the first."""
        if self.page_no() > 1:
            self.set_y(-12)
            self.set_font(FAMILY, size=8.5)
            self.cell(0, text=f"Page {self.page_no()}", align="R")

    def put(self, *texts: Text, x: float = MARGIN, width: float = WIDTH) -> None:
        """Paragraphs below each other; an empty one takes no room."""
        for text in texts:
            self._paragraph(text, x, width)

    def heading(self, text: str, *below: Text) -> None:
        """A heading that does not stand alone at a page's end."""
        self.ln(GAP / 2)
        self._make_room(40)
        self.put(_heading(text), *below)
        self.ln(GAP / 4)

    def box(self, *texts: Text) -> None:
        """Paragraphs on a pale ground."""
        inner = WIDTH - 2 * PADDING
        height = self._height(texts, inner) + 2 * PADDING
        if self._make_room(height):
            self.set_fill_color(PALE)
            self.rect(MARGIN, self.y, WIDTH, height, style="F", round_corners=True, corner_radius=2)
        self.ln(PADDING)
        self.put(*texts, x=MARGIN + PADDING, width=inner)
        self.ln(PADDING + GAP / 2)

    def beside(self, left: list[Text], right: list[Text], *, width: float) -> None:
        """Two columns, the left one so wide; below each other where they are too long for a page."""
        rest = WIDTH - width - GAP
        if self._make_room(max(self._height(left, width), self._height(right, rest))):
            top = self.y
            self.put(*left, width=width)
            below = self.y
            self.set_y(top)
            self.put(*right, x=MARGIN + width + GAP, width=rest)
            self.set_y(max(self.y, below))
        else:
            self.put(*left, *right)
        self.ln(GAP / 2)

    def _make_room(self, height: float) -> bool:
        """Begin a page where so much does not fit below; whether it fits on a page at all."""
        fits = height <= self.eph
        if fits and self.will_page_break(height):
            self.add_page()
        return fits

    def _height(self, texts: Any, width: float) -> float:
        return sum(self._paragraph(text, MARGIN, width, is_rehearsal=True) for text in texts)

    def _paragraph(self, text: Text, x: float, width: float, *, is_rehearsal: bool = False) -> float:
        """Write a paragraph, or find out how high it would be."""
        size = text.size * self.size
        line = size * LINE_HEIGHT
        self.set_font(FAMILY, "B" if text.bold else "", size)
        self.set_text_color(text.colour)
        if text.label and not is_rehearsal:
            return self._labelled(text, x, size)
        content = self._written(f"{text.content} {text.label} {text.rest}")
        if not content:
            return 0
        if not is_rehearsal:
            self.set_x(x)
        height: Any = self.multi_cell(
            width, line, content, align="L", new_x="LMARGIN", new_y="NEXT", dry_run=is_rehearsal, output="HEIGHT"
        )
        return height

    def _labelled(self, text: Text, x: float, size: float) -> float:
        """A paragraph with a label in it, from x to the right margin."""
        top, line = self.y, size * LINE_HEIGHT
        self.set_left_margin(x)
        for content, style in (
            (self._written(text.content), ""),
            (f" {self._written(text.label)}", "B"),
            (f" {self._written(text.rest)}", ""),
        ):
            # A space at the front lets the line break there, and not in the middle of the word behind it.
            self.set_font(FAMILY, style, size)
            self.write(line, content)
        self.set_left_margin(MARGIN)
        self.ln(line)
        return self.y - top

    def _letters(self) -> set[int]:
        """What the loaded fonts can write."""
        fonts: Any = self.fonts
        return {letter for font in fonts.values() for letter in font.cmap}

    def _written(self, text: str) -> str:
        """The text as the fonts can write it."""
        plain = unicodedata.normalize("NFC", text)
        kept = (one if ord(one) in self.letters else "?" if one.isalnum() else " " for one in plain)
        return " ".join("".join(kept).split())


def _texts(page: Any) -> Iterator[str]:
    """Every text of the handout."""
    for part in astuple(page) if isinstance(page, Handout) else page:
        if isinstance(part, str):
            yield unicodedata.normalize("NFC", part)
        elif isinstance(part, tuple):
            yield from _texts(part)

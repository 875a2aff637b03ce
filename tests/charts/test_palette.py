"""Colours that hold on both of Streamlit's pages, and looks that no two statuses share."""

import pytest

from lib.charts import palette
from lib.charts.palette import INK, LINE, PAPER, STATUSES, STRIP, STRIP_NOW, VISITS, lines, pale, plain

PAGES = ["#FFFFFF", "#0E1117"]


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours."""
    bright, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("look", [*VISITS.values(), *STATUSES.values()], ids=lambda look: look.word)
def test_every_edge_stands_out_on_light_and_dark(look, page):
    assert contrast(look.outline, page) > 2.8


@pytest.mark.parametrize("page", PAGES)
def test_lines_reach_four_to_one_on_light_and_dark(page):
    assert contrast(LINE, page) > 4


def test_labels_on_solid_bars_are_easy_to_read():
    assert contrast(INK, STRIP) > 7
    assert contrast(PAPER, STRIP_NOW) > 4.5
    assert contrast(INK, palette.DONE) > 4.5
    assert contrast(INK, palette.UNSAFE) > 4.5


def test_no_two_visits_look_or_read_alike():
    assert len({look.word for look in VISITS.values()}) == len(VISITS)
    assert len({(look.colour, look.mark) for key, look in VISITS.items() if key != "off_time"}) == len(VISITS) - 1


def test_free_text_loses_its_tags_but_not_its_quotes():
    assert plain("<b>Ann's</b> & co") == "&lt;b&gt;Ann's&lt;/b&gt; &amp; co"
    assert lines("one", "", "<i>") == "one<br>&lt;i&gt;"


def test_a_pale_colour_lets_the_page_through():
    assert pale("#D55E00", 0.25) == "rgba(213,94,0,0.25)"

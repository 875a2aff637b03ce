"""The day sheet: every row of the view once, whatever it says, on a page that needs nothing but itself."""

import re
from datetime import date
from html.parser import HTMLParser

import pandas as pd
import pytest

from clinic_data.actor import FRONT_DESK, PRACTITIONER, READ_ONLY, Actor
from clinic_data.attempts import record_attempt
from clinic_data.day_sheet import BOXES, day_sheet
from clinic_data.errors import NotPermitted
from clinic_data.practitioners import add_practitioner, read_practitioners
from clinic_data.schedule_input import read_schedule_input
from clinic_data.settings import change_settings
from clinic_data.visits import bookings_on, last_and_next
from clinic_data.worklist_input import read_call_list, read_work
from lib.outcomes import OUTCOMES
from lib.worklist import flagged, worklist
from tests.clinic_data.rows import course, patient, put_protocol, rows, visit

TODAY = date(2026, 11, 23)
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ clinic }} {% raw %}",
    'O\'Neil & "Söhne" <b>',
    "محمد العربي",
    "W" * 80,
]


class Page(HTMLParser):
    """What a browser reads: tags, attributes, and the text in them."""

    def __init__(self, content: bytes):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.texts: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        if data.strip():
            self.texts.append(" ".join(data.split()))


@pytest.fixture
def clinic(store, actor, today):
    """Patients with hostile names and overdue sessions; the first one was tried, the last must not be contacted."""
    change_settings(actor, store, clinic_name="Skin & <i>Co</i>")
    put_protocol(store)
    lee = add_practitioner(actor, store, "Dr <u>Lee</u>")
    for name in HOSTILE:
        somebody = patient(store, name, phone="<tel>", email="a@b<c>", preferred_channel="email")
        plan = course(store, somebody, practitioner_id=lee, area="<area>")
        visit(store, somebody, [plan], "2026-09-01")
    reasons = [(1, "session", 2, "missed_session")]
    record_attempt(actor, store, 1, channel="phone", outcome="left_message", reasons=reasons, note="<em>5 pm</em>")
    silent = patient(store, "Silent", phone="0123", contact_allowed="none")
    plan = course(store, silent)
    visit(store, silent, [plan], "2026-11-20")
    visit(store, silent, [plan], TODAY.isoformat(), status="booked", kind="session", recorded_on="2026-11-20")
    return store


def view(store, actor) -> pd.DataFrame:
    """Everybody with a flag, as the page shows them."""
    known = read_schedule_input(actor, store, TODAY)
    flags = flagged(known.schedule(), known.courses)
    people = worklist(flags, read_work(actor, store, TODAY), pd.Timestamp(TODAY))
    names = read_practitioners(actor, store).set_index("practitioner_id")["name"]
    return read_call_list(actor, store, people, last_and_next(actor, store, TODAY), names)


def sheet(store, actor, shown=None) -> Page:
    """The page as it is read."""
    shown = view(store, actor) if shown is None else shown
    return Page(day_sheet(actor, store, shown, as_of=TODAY, view="To do"))


def test_every_row_stands_once_in_it(clinic, actor):
    """Code, name, why and when to come, in the order of the table, with a box for each outcome."""
    shown, page = view(clinic, actor), sheet(clinic, actor)
    codes = [text for text in page.texts if text in set(shown["code"])]
    assert codes[: len(shown)] == shown["code"].tolist()
    assert len(codes) == len(shown) + 1, "the booking at the end is the only one that stands there again"
    for name in HOSTILE:
        assert page.texts.count(name) == 1
    for outcome in BOXES:
        assert page.texts.count(OUTCOMES[outcome].label) == len(shown)
    assert page.texts.count("Session overdue, not booked") == len(HOSTILE)
    assert page.texts.count("Come between 29 Sep – 13 Oct 2026 · 41 days over") == len(HOSTILE)


def test_what_people_typed_is_text(clinic, actor):
    """No name, phone, note, area or clinic's name makes a tag or an attribute."""
    page = sheet(clinic, actor)
    empty = sheet(clinic, actor, view(clinic, actor).head(0))
    assert set(page.tags) - set(empty.tags) <= {"ol", "li", "ul", "bdi", "span", "div", "p"}
    assert not {"script", "img", "b", "i", "u", "em", "link", "iframe"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert "Skin & <i>Co</i> (invented data)" in page.texts
    assert {"<tel>", "a@b<c>", "<em>5 pm</em>"} <= set(page.texts)


def test_it_says_what_it_is(clinic, actor):
    """The day, the view, how many, who printed it and when by the clinic's clock, and what to do with it."""
    change_settings(actor, clinic, time_zone="Pacific/Auckland")
    page = sheet(clinic, actor)
    assert {"To do: 7 patients", "23 Nov 2026", "Printed 23 Nov 2026, 22:00", "by", "Ada"} <= set(page.texts)
    assert any("Contains personal data" in text and "destroy" in text for text in page.texts)


def test_the_last_try_is_told(clinic, actor):
    """When, how, what came of it, by whom, and what was noted."""
    page = sheet(clinic, actor)
    assert [text for text in page.texts if text.startswith("Last try")] == [
        "Last try 23 Nov 2026: left a message (phone, Ada)"
    ]


def test_whoever_must_not_be_contacted_has_no_number(clinic, actor):
    """She stands there for what the clinic mends by itself."""
    page = sheet(clinic, actor)
    assert "Do not contact" in page.texts
    assert "0123" not in page.texts


def test_the_bookings_of_the_day_stand_at_the_end(clinic, actor):
    """With plan's area and practitioner; other days and other states are not there, nor somebody else's patients."""
    both = [course(clinic, 1, area="hands"), course(clinic, 1, area="neck")]
    visit(clinic, 1, both, TODAY.isoformat(), status="booked", kind="review")
    visit(clinic, 1, both, TODAY.isoformat(), status="cancelled", kind="review")
    visit(clinic, 1, both, "2026-11-24", status="booked", kind="review")
    found = bookings_on(actor, clinic, TODAY)
    assert found[["patient", "kind", "area", "practitioner"]].to_numpy().tolist() == [
        [HOSTILE[0], "review", "hands,neck", ""],
        ["Silent", "session", "face", ""],
    ]
    texts = sheet(clinic, actor).texts
    assert texts[-4:] == ["Silent", found["code"][1], "Session", "face"]
    lee = int(read_practitioners(actor, clinic)["practitioner_id"][0])
    assert bookings_on(Actor("Lee", PRACTITIONER, own=lee), clinic, TODAY)["patient"].tolist() == [HOSTILE[0]]


def test_an_empty_view_is_a_page_too(clinic, actor):
    """It says that nobody is in it, and on a day without bookings that none is known."""
    page = Page(day_sheet(actor, clinic, view(clinic, actor).head(0), as_of=date(2026, 11, 25), view="Waived"))
    assert {"Waived: 0 patients", "Nobody is in this view.", "No booking is known."} <= set(page.texts)


def test_it_needs_the_permission_and_stands_in_the_trail(clinic, actor):
    """With the view and how many rows left the clinic."""
    shown = view(clinic, actor)
    with pytest.raises(NotPermitted):
        day_sheet(Actor("Eve", READ_ONLY), clinic, shown, as_of=TODAY, view="To do")
    day_sheet(Actor("Flo", FRONT_DESK), clinic, shown, as_of=TODAY, view="To do")
    noted = "select t.actor, v.what from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export'"
    assert rows(clinic, noted) == [("Flo", "day sheet (To do): 7 rows")]


@pytest.mark.browser
def test_it_prints(clinic, actor, chromium, tmp_path):
    """On A4, nothing sticks out, nothing is fetched, and no row is torn in two."""
    (tmp_path / "sheet.html").write_bytes(day_sheet(actor, clinic, view(clinic, actor), as_of=TODAY, view="To do"))
    page = chromium.new_page(viewport={"width": 703, "height": 1000})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "sheet.html").as_uri())
    page.emulate_media(media="print")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    torn = "[...document.querySelectorAll('.calls > li')].every(row => getComputedStyle(row).breakInside === 'avoid')"
    assert page.evaluate(torn)
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert asked == [(tmp_path / "sheet.html").as_uri()]
    assert re.findall(rb"/MediaBox \[([^\]]+)\]", pdf)[0].split()[2:] == [b"594.95996", b"841.91998"]

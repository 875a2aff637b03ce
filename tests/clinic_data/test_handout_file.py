"""The handout as HTML and as PDF: the same words in both, literal whatever was typed, of nobody but the patient."""

import re
from dataclasses import astuple
from datetime import date, datetime, timedelta
from html.parser import HTMLParser

import pypdfium2
import pytest

from clinic_data.actor import DESK, FRONT_DESK, PRACTITIONER, READ_ONLY, Actor
from clinic_data.database import Store, prepare
from clinic_data.demo import fill_demo
from clinic_data.errors import NotFound, NotPermitted
from clinic_data.handout_file import handout_html, handout_pdf
from clinic_data.handout_pdf import as_pdf
from clinic_data.practitioners import add_practitioner
from clinic_data.protocol_versions import keep_protocol, protocol_files
from clinic_data.settings import change_settings
from clinic_data.waivers import waive_review
from lib.handout import Handout, Plan, handout
from tests.charts.course import course as plan_rows
from tests.clinic_data.rows import course, patient, put_protocol, rows, visit, write

TODAY = date(2026, 11, 23)
HOSTILE = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "{{ page.clinic }} {% raw %} {nb}",
    'O\'Neil & "Söhne" <b>',
    "**bold** __under__ ~~gone~~ [link](https://example.org)",
    "Łukasz Żółć-Nguyễn Νίκος Жанна",
]
EXPORTS = (
    "select t.actor, v.what, v.patient_id from trail t join trail_values v on v.trail_id = t.id where t.kind = 'export'"
)


class Page(HTMLParser):
    """What a browser reads: tags, attributes, and the text in them."""

    def __init__(self, content: bytes):
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(content.decode())

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data):
        self.text += data if self.lasttag != "style" else ""


def bare(text: str) -> str:
    """Text without space, which is wherever a line ends."""
    return re.sub(r"\s", "", text)


def written(content: bytes) -> tuple[int, str]:
    """How many pages a PDF has, and what stands on them."""
    paper = pypdfium2.PdfDocument(content)
    try:
        return len(paper), "\n".join(page.get_textpage().get_text_bounded() for page in paper)
    finally:
        paper.close()


@pytest.fixture
def clinic(store, actor, today) -> Store:
    """One patient after her first session, and another one."""
    put_protocol(store)
    eva = patient(store, "Eva Berg", phone="0170 1234")
    visit(store, eva, [course(store, eva, area="Cheeks")], "2026-11-23")
    other = patient(store, "Zoltan Other", phone="0999 8888")
    visit(store, other, [course(store, other, area="Elbow")], "2026-10-10")
    return store


def both(store: Store, actor: Actor, patient_id: int, course_id: int) -> tuple[str, str]:
    """The text of the page and of the PDF."""
    paper = written(handout_pdf(actor, store, patient_id, course_id))
    return Page(handout_html(actor, store, patient_id, course_id)).text, paper[1]


def test_both_say_the_same(clinic, actor):
    """Name, plan, day, window, what was done and what follows, and the clinic to call."""
    for text in both(clinic, actor, 1, 1):
        for said in (
            "Test clinic (invented data)",
            "Hello Eva",
            "Your microneedling: Plain series, Cheeks",
            "For Eva Berg, printed on 23 Nov 2026",
            "Come between 21 Dec 2026 and 04 Jan 2027",
            "Session 1 · 23 Nov 2026",
            "Session 3 · about 18 Jan – 15 Feb 2027",
            "Please call Test clinic.",
        ):
            assert bare(said) in bare(text), said


def texts(part) -> list[str]:
    """Every text of a handout."""
    found = []
    for one in astuple(part) if isinstance(part, Handout) else part:
        found += [one] if isinstance(one, str) else texts(one) if isinstance(one, tuple) else []
    return found


def shipped(protocol: str, **changed) -> Handout:
    """A handout on the way home from the last session, under a protocol as it is shipped."""
    planned = protocol_files()[protocol].sessions.planned
    days = [TODAY - timedelta(weeks=5 * place) for place in range(planned)]
    visits = [f"{on} session completed" for on in days]
    known = plan_rows(visits, as_of=f"{TODAY}", opened="2026-01-05", planned=planned, protocol=protocol)
    plan = Plan(known.rows, known.holds, known.protocol, TODAY, "Face", planned, date(2026, 1, 5))
    return handout(plan, **{"name": "Eva Berg", "clinic": "Harbour Street Skin Clinic"} | changed)


def pdf(page: Handout) -> bytes:
    """The handout as a PDF."""
    return as_pdf(page, made_at=datetime(2026, 11, 23, 9))


@pytest.mark.parametrize("protocol", protocol_files())
def test_the_fullest_handout_is_one_page(protocol):
    """On the way home from the last session all stages are ahead: everything stands on one sheet, word by word."""
    page = shipped(protocol)
    pages, text = written(pdf(page))
    assert pages == 1
    grades = {"trial", "practice", "label", "clinic"}
    assert [said for said in texts(page) if said not in grades and bare(said) not in bare(text)] == []


@pytest.mark.parametrize("typed", HOSTILE)
def test_what_people_typed_is_text(clinic, actor, typed):
    """In a name, an area and the clinic's name: letter by letter, no tag, no link, no mark-up, no placeholder."""
    change_settings(actor, clinic, clinic_name=f"C {typed}")
    somebody = patient(clinic, f"N {typed}")
    plan = course(clinic, somebody, area=f"A {typed}")
    page, empty = (Page(handout_html(actor, clinic, *ids)) for ids in ((somebody, plan), (1, 1)))
    assert set(page.tags) <= set(empty.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href", "style")]
    for text in (page.text, written(handout_pdf(actor, clinic, somebody, plan))[1]):
        for kind in "CNA":
            assert bare(f"{kind} {typed}") in bare(text)


def test_right_to_left_and_what_no_font_has(clinic, actor):
    """Arabic and Hebrew are written from the right; an emoji is left out, and a letter of another script is a mark."""
    somebody = patient(clinic, "محمد العربي דוד")
    arabic, paper = both(clinic, actor, somebody, course(clinic, somebody, area="Face 😀 日本"))
    assert "محمد العربي דוד" in arabic
    assert "Face 😀 日本" in arabic
    for word in ("محمد", "العربي", "דוד"):
        assert word in paper
    assert "Face ??" in paper


def test_a_name_of_nothing_but_emoji_has_a_handout(clinic, actor):
    """What is left of it is written."""
    somebody = patient(clinic, "😀 😀")
    assert written(handout_pdf(actor, clinic, somebody, course(clinic, somebody)))[0] == 1


def test_what_is_too_long_for_a_page_goes_on_on_the_next():
    """Nothing is cut off: the last words are there, and the pages are numbered."""
    page = shipped("neck-lines", name=" ".join(["Maria"] * 300), clinic="W" * 400)
    pages, text = written(pdf(page))
    assert pages > 1
    assert bare(text).count("Maria") >= 300
    assert bare("W" * 400) in bare(text)
    assert "yours may take its own time." in text.replace("\r\n", " ")
    assert "Page 2" in text


def test_nobody_else_is_on_it(clinic, actor):
    """No other patient's name, area, phone or day, nor the patient's own phone or code; in neither file."""
    for text in both(clinic, actor, 1, 1):
        for said in ("Zoltan", "Other", "Elbow", "8888", "10 Oct", "0170"):
            assert said not in text
    code = rows(clinic, "select code from patients where id = 1")[0][0].encode()
    assert code not in handout_html(actor, clinic, 1, 1)


def test_there_is_no_curve(clinic, actor):
    """No picture and no script; in the PDF no image, and nothing drawn but grounds of text."""
    page = Page(handout_html(actor, clinic, 1, 1))
    assert not {"svg", "img", "canvas", "script", "link", "iframe", "object"} & set(page.tags)
    paper = pypdfium2.PdfDocument(handout_pdf(actor, clinic, 1, 1))
    drawn = [one.type for one in paper[0].get_objects() if one.type != pypdfium2.raw.FPDF_PAGEOBJ_TEXT]
    paper.close()
    assert drawn == [pypdfium2.raw.FPDF_PAGEOBJ_PATH] * 2, "the two boxes"
    for text in both(clinic, actor, 1, 1):
        assert "curve" not in text.lower()
        assert "%" not in text


def test_each_plan_has_its_own(clinic, actor):
    """Two plans of one patient are two handouts."""
    second = course(clinic, 1, area="Neck")
    assert "Plain series, Cheeks" in both(clinic, actor, 1, 1)[0]
    assert "Plain series, Neck" in both(clinic, actor, 1, second)[0]


def test_what_the_clinic_decided_counts(clinic, actor):
    """A pause, a patient who must not be called, and a waived review."""
    write(
        clinic,
        "holds",
        patient_id=1,
        cause="medical",
        reason="pregnancy",
        starts_on="2026-11-23",
        recorded_on="2026-11-23",
    )
    for text in both(clinic, actor, 1, 1):
        assert "We will call you when it may go on." in text
        assert "pregnancy" not in text
    with clinic.change(actor, "test", patient_id=1) as change:
        change.update("patients", 1, contact_allowed="none")
    assert "We will call you" not in both(clinic, actor, 1, 1)[0]
    waive_review(actor, clinic, 1, kind="review", number=1, reason="phone call")
    assert "Review" not in both(clinic, actor, 1, 1)[0]


@pytest.mark.parametrize("make", [handout_html, handout_pdf])
def test_a_plan_of_somebody_else_is_not_there(clinic, actor, make):
    """Neither under another patient's number, nor for whoever may see the own patients only, nor one that is none."""
    lee = add_practitioner(actor, clinic, "Dr Lee")
    mine = course(clinic, 2, practitioner_id=lee, area="Hands")
    own = Actor("Lee", PRACTITIONER, own=lee)
    assert make(own, clinic, 2, mine)
    for who, patient_id, course_id in ((actor, 1, 2), (actor, 2, 1), (own, 1, 1), (actor, 1, 99), (actor, 99, 1)):
        with pytest.raises(NotFound, match="not there any more"):
            make(who, clinic, patient_id, course_id)


def test_it_needs_the_permission_and_stands_in_the_trail(clinic):
    """With the patient, once for each file; a refused one made nothing."""
    flo = Actor("Flo", FRONT_DESK)
    with pytest.raises(NotPermitted):
        handout_pdf(Actor("Eve", READ_ONLY), clinic, 1, 1)
    handout_html(flo, clinic, 1, 1)
    handout_pdf(flo, clinic, 1, 1)
    assert rows(clinic, EXPORTS) == [("Flo", "handout to print", 1), ("Flo", "handout as PDF", 1)]


def test_every_patient_of_a_demo_has_one_page(tmp_path, today):
    """Whatever became of the plan, as a PDF, without a word of being overdue."""
    store = prepare(tmp_path / "demo.db")
    fill_demo(DESK, store, today=today, patients=60, seed=1)
    plans = rows(store, "select patient_id, id from courses where opened_on <= ?", today.isoformat())
    assert len(plans) >= 60
    for patient_id, course_id in plans:
        pages, text = written(handout_pdf(DESK, store, patient_id, course_id))
        assert pages == 1
        assert "overdue" not in text.lower()


def keep(store: Store, actor: Actor, protocol: str) -> None:
    """A protocol as it is shipped, in the file."""
    with store.change(actor, "test") as change:
        keep_protocol(change, protocol)


@pytest.mark.browser
def test_it_prints_and_fits_a_phone(clinic, actor, chromium, tmp_path):
    """One A4 page in a browser even when all stages are ahead, nothing beside a narrow screen, nothing fetched."""
    change_settings(actor, clinic, clinic_name="W" * 80)
    keep(clinic, actor, "neck-lines")
    plan = course(clinic, 1, area="Neck", protocol_id="neck-lines", planned_sessions=2)
    for on in ("2026-10-20", "2026-11-23"):
        visit(clinic, 1, [plan], on)
    (tmp_path / "handout.html").write_bytes(handout_html(actor, clinic, 1, plan))
    page = chromium.new_page(viewport={"width": 375, "height": 800})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "handout.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    printed = page.pdf(prefer_css_page_size=True)
    page.close()
    assert asked == [(tmp_path / "handout.html").as_uri()]
    assert written(printed)[0] == 1

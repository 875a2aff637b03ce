"""What a browser shows and keeps: no text that somebody stored runs or is drawn as markup, and nothing stays behind."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from clinic_data.access.accounts import add_account
from clinic_data.actor import MANAGER, Actor
from clinic_data.agreements import agree_dates
from clinic_data.closures import add_closure
from clinic_data.courses import open_course
from clinic_data.database import Store
from clinic_data.holds import pause
from clinic_data.patients import read_patient, register_patient
from clinic_data.practitioners import add_practitioner
from clinic_data.settings import change_settings, read_settings
from clinic_data.visits import note_booking, record_visit
from tests.browser.app import run_clinic, served
from tests.browser.screen import enter, settled
from tests.gate.clinic import NAMES, WORDS, one

pytestmark = pytest.mark.browser

ELSEWHERE = "http://127.0.0.1:9/"
HOSTILE = (
    "<img src=x onerror=window.hit=1><script>window.hit=1</script>[a](javascript:window.hit=1)"
    f"![i]({ELSEWHERE}i.png)**b**$x^2$<b>x</b>:red[c]<a href='{ELSEWHERE}'>l</a>`k`{{y}}"
)
MARK = "<b>x</b>"
FOUND = """() => ({
    hit: window.hit,
    images: document.querySelectorAll('img[src="x"], img[src*="127.0.0.1:9"], image[href*="127.0.0.1:9"]').length,
    scripts: [...document.scripts].filter(one => one.textContent.includes('window.hit')).length,
    links: [...document.querySelectorAll('a')].filter(
        one => /^javascript:|127\\.0\\.0\\.1:9/.test(one.getAttribute('href') || one.getAttribute('xlink:href') || '')
    ).length,
    bold: [...document.querySelectorAll('b, strong')].filter(one => ['x', 'b'].includes(one.textContent)).length,
    formulas: document.querySelectorAll('.katex').length,
    bolder: [...document.querySelectorAll('svg tspan')].filter(one => /bold/.test(one.style.fontWeight)
        && one.textContent === 'x').length,
})"""
NOTHING = {"hit": None, "images": 0, "scripts": 0, "links": 0, "bold": 0, "formulas": 0, "bolder": 0}
PAGES = [
    "",
    "caseload",
    "new-patient",
    "settings",
    "accounts",
    "trail",
    "behind?figure=plans&part=paused",
    "account",
    "logout",
]


def fill_with_markup(database) -> None:
    """Store markup in every text that the clinic keeps."""
    store = Store(database)
    actor = Actor(HOSTILE, MANAGER, address=HOSTILE)
    change_settings(actor, store, clinic_name=HOSTILE)
    today = read_settings(actor, store).today
    rows = [f"c1,{HOSTILE},01.03.2026,came", f"c2,{HOSTILE}2,01.03.2026,came"]
    file = database.parent / f"{HOSTILE[:28].replace('/', '')}.csv"
    file.write_text("id,name,day,how\n" + "\n".join(rows))
    run_clinic(
        database,
        *("import-visits", str(file), "--protocol", "acne-scars", "--patient", "id", "--name", "name", "--date", "day"),
        *("--date-format", "%d.%m.%Y", "--status", "how", "--means", "came=completed", "--area", HOSTILE),
        *("--system", HOSTILE),
    )
    practitioner = add_practitioner(actor, store, HOSTILE)
    code = register_patient(actor, store, f"{HOSTILE} Known", phone="07700 900123<b>x</b>", factors=[HOSTILE])
    patient = read_patient(actor, store, code)
    course = open_course(
        actor, store, patient.id, protocol_id="acne-scars", area=HOSTILE, planned_sessions=3,
        opened_on=today - timedelta(days=90), practitioner_id=practitioner, concern=HOSTILE,
    )  # fmt: skip
    record_visit(
        actor, store, [course], kind="session", visit_date=today - timedelta(days=40), device=HOSTILE, notes=HOSTILE,
        practitioner_id=practitioner, depth_mm=1.5,
    )  # fmt: skip
    agree_dates(
        actor, store, course, kind="session", due_on=today + timedelta(days=3), last_on=today + timedelta(days=9),
        note=HOSTILE,
    )  # fmt: skip
    note_booking(actor, store, [course], kind="session", visit_date=today + timedelta(days=4))
    pause(actor, store, patient.id, cause="medical", reason=HOSTILE, starts_on=today, check_on=today, area=HOSTILE)
    add_closure(actor, store, starts_on=today + timedelta(days=5), ends_on=today + timedelta(days=8), reason=HOSTILE)
    add_account(actor, store, login="ada", name=HOSTILE, role="manager", password=WORDS, must_change_password=False)
    add_account(
        actor, store, login="<b>x</b>$y$", name=f"{HOSTILE} own", role="practitioner", password=WORDS,
        practitioner_id=practitioner, own_patients_only=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    """A clinic whose every text is markup, served."""
    folder = tmp_path_factory.mktemp("hostile")
    with served(folder, "--empty", "--name", "x", now=None, fill=fill_with_markup) as hostile:
        yield hostile


@pytest.fixture
def context(chromium):
    """A browser of its own, with no cookie."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(30_000)
    yield context
    context.close()


def watch(page) -> tuple[list[str], list[str]]:
    """All that a page asks for, and what the browser says that it kept a page from doing."""
    asked: list[str] = []
    refused: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: refused.append(said.text) if "Security Policy" in said.text else None)
    return asked, refused


def hover_texts(page) -> list[str]:
    """What the pictures say of each point that the mouse rests on."""
    said = []
    for point in page.locator(".js-plotly-plot").locator(".points path, .point path").all():
        point.scroll_into_view_if_needed()
        box = point.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(150)
        said += page.locator(".js-plotly-plot .hoverlayer text").all_text_contents()
        assert page.evaluate(FOUND) == NOTHING
    return said


def test_no_stored_text_is_more_than_its_letters(hostile, context):
    """Script, HTML, Markdown and formulas in every stored text: on no page does one run, load, link or embolden."""
    page = context.new_page()
    asked, refused = watch(page)
    enter(page, hostile.address, "ada", WORDS)
    for path in PAGES:
        page.goto(f"{hostile.address}/{path}")
        if path not in ("account", "logout"):
            settled(page)
        assert page.evaluate(FOUND) == NOTHING, path
    page.goto(f"{hostile.address}/caseload")
    settled(page)
    page.locator("summary").filter(has_text="practitioner").click()
    # The picture by practitioner shows the letters of the name.
    expect(page.locator(".js-plotly-plot svg text").filter(has_text="<img src=x").first).to_be_attached()
    assert page.evaluate(FOUND) == NOTHING
    page.goto(f"{hostile.address}/settings")
    page.get_by_label("Reason").fill(HOSTILE[:100])
    page.get_by_label("Reason").press("Enter")
    settled(page)
    assert page.evaluate(FOUND) == NOTHING
    page.goto(f"{hostile.address}/accounts")
    settled(page)
    page.locator("summary").first.click()
    settled(page)
    assert page.evaluate(FOUND) == NOTHING
    assert [url for url in asked if url.startswith(ELSEWHERE)] == []
    assert refused == []


def test_no_stored_text_is_markup_on_a_patient_s_page(hostile, context):
    """The patient's page with each of its forms open, its pictures, changes and trail: letters, nothing else."""
    store = Store(hostile.database)
    code = one(store, "select code from patients where name like '%Known'")
    page = context.new_page()
    asked, refused = watch(page)
    enter(page, hostile.address, "ada", WORDS, f"/patient?patient={code}")
    settled(page)
    assert page.evaluate(FOUND) == NOTHING
    assert MARK in page.get_by_role("heading", level=1).inner_text(), "the letters themselves are there"
    hovers = hover_texts(page)
    assert any("<img src=x" in hover for hover in hovers), "a picture that names the pause shows its letters"
    forms = page.get_by_test_id("stButtonGroup").filter(has_text="Open a plan").get_by_role("radio")
    names = forms.all_inner_texts()
    assert len(names) >= 8
    for name in names:
        forms.filter(has_text=re.compile(f"^{name}$")).click()
        settled(page)
        assert page.evaluate(FOUND) == NOTHING, name
        if name == "Pause":
            page.get_by_label("Reason").fill(HOSTILE[:200])
            page.get_by_label("Reason").press("Enter")
            settled(page)
            assert page.evaluate(FOUND) == NOTHING, name
    tabs = page.get_by_role("tab")
    assert tabs.count() == 8
    for tab in tabs.all():
        tab.click()
        settled(page)
        assert page.evaluate(FOUND) == NOTHING, tab.inner_text()
    box = page.get_by_role("textbox", name="Find a patient")
    box.fill("Known")
    box.press("Enter")
    expect(page.get_by_text("1 found.")).to_be_visible()
    settled(page)
    assert page.evaluate(FOUND) == NOTHING
    assert [url for url in asked if url.startswith(ELSEWHERE)] == []
    assert refused == []


def test_signing_out_takes_the_data_off_every_tab(app, context):
    """Signed out in one tab, on whatever page, the others show the sign-in page with no patient left in them."""
    first, *others = [context.new_page() for _ in range(3)]
    enter(first, app.address, "ada", WORDS)
    for tab, path in zip(others, ("/", "/accounts"), strict=True):
        tab.goto(f"{app.address}{path}")
        settled(tab)
    assert "Ines Example" in others[0].content() or "Own Patient" in others[0].content()
    settled(first)
    first.get_by_test_id("stPopover").filter(has_text="Ada").get_by_role("button").click()
    first.get_by_role("button", name="Sign out").click()
    for tab in (first, *others):
        expect(tab.get_by_role("heading", name="Sign in")).to_be_visible(timeout=5_000)
        assert "/login" in tab.url
        assert not any(name in tab.content() for name in (*NAMES, "Olga Account"))
    assert "You were signed out" in others[0].content()


def test_back_shows_nothing_after_signing_out(app, context):
    """After signing out, Back and Forward lead to the sign-in page, not to a page that the browser kept."""
    page = context.new_page()
    enter(page, app.address, "ada", WORDS)
    settled(page)
    page.goto(f"{app.address}/caseload")
    settled(page)
    page.goto(f"{app.address}/logout")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for _ in range(3):
        page.evaluate("history.back()")
        page.wait_for_timeout(700)
        assert page.locator("[data-testid=stApp]").count() == 0
        assert not any(name in page.content() for name in NAMES)


def test_no_script_reaches_the_cookie_and_no_storage_keeps_a_patient(app, context):
    """Scripts see no sign-in cookie, and neither local nor session storage holds a name after looking around."""
    page = context.new_page()
    enter(page, app.address, "ada", WORDS)
    settled(page)
    kept = page.evaluate("() => document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    assert "clinic_sign_in" not in kept
    assert not any(name in kept for name in NAMES)


def test_sql_in_a_filter_s_address_shows_the_page(app, store, context):
    """SQL and markup as filters in the address bar: the page stands as without them, and runs nothing."""
    page = context.new_page()
    enter(page, app.address, "olga", WORDS)
    for query in ("practitioner=' or 1=1 --", f"area={HOSTILE}", "day=' or 1=1", "flag=<script>window.hit=1</script>"):
        page.goto(f"{app.address}/?{query}")
        settled(page)
        assert page.evaluate(FOUND) == NOTHING
        expect(page.get_by_text("Something went wrong")).to_have_count(0)
        assert not any(name in page.content() for name in NAMES if name != "Own Patient")

"""Things to watch: what is recorded, and the direction that the sources give."""

from datetime import date

import pytest

from lib.factors import NO_SOURCE, WATCHED, Recorded, age_on, things_to_watch
from tests.charts.course import course

TODAY = date(2026, 3, 3)
GRADES = {"trial", "label", "practice", "clinic"}


def watched(recorded: Recorded, visits=()) -> dict[str, tuple[str, str, str, str]]:
    """Each factor with what is recorded, what to watch, source and grade."""
    found = things_to_watch(recorded, course(visits).rows, TODAY)
    return {row["factor"]: tuple(row.values())[1:] for row in found.to_dict("records")}


def test_nothing_recorded_is_nothing_to_watch():
    """What nobody wrote down has no row."""
    assert things_to_watch(Recorded(), course().rows, TODAY).empty


def test_everything_recorded_has_a_row_with_its_source():
    """In the order in which it is asked."""
    recorded = Recorded(date(1990, 3, 4), "oily", 4, ["smoking"], "acne scars", "severe", 1.5)
    found = watched(recorded, ["2026-01-02 session completed", "2026-02-03 session completed"])
    assert list(found) == ["Age", "Skin type", "Skin tone", "Severity", "Depth", "Regularity", "To watch"]
    assert [what for what, *_ in found.values()] == [
        "35 years",
        "oily",
        "Fitzpatrick IV",
        "severe, acne scars",
        "1.5 mm last time",
        "1 on time",
        "smoking",
    ]
    assert found["Skin tone"][2:] == (NO_SOURCE, "")
    assert {grade for _, _, _, grade in found.values()} == {"practice", ""}


@pytest.mark.parametrize(
    ("factor", "source", "grade"),
    [
        ("Smoking", "articles 2–4", "practice"),
        ("isotretinoin in the past 6 months", "SkinPen's text", "label"),
        ("pregnant", "SkinPen's text", "label"),
        ("eczema", "articles 2–4; SkinPen's text (label)", "practice"),
        ("little hydration", "articles 2–4", "practice"),
        ("Sun exposure", "articles 2–4", "practice"),
        ("likes to talk", "none matched", ""),
        ("<b>unsung</b>", "none matched", ""),
    ],
)
def test_the_clinic_s_own_words_find_their_direction(factor, source, grade):
    """By how words begin, whatever their case; others are kept as the clinic's own."""
    assert watched(Recorded(watched=[factor]))["To watch"][0] == factor
    assert watched(Recorded(watched=[factor]))["To watch"][2:] == (source, grade)


STOP, ASK, ISOTRETINOIN = (
    WATCHED[next(words for words in WATCHED if word in words)].watch for word in ("pregnan", "herpes", "isotretinoin")
)
SUN = WATCHED[next(words for words in WATCHED if "sun" in words)].watch
UNMATCHED = "Recorded by the clinic; not matched with any source here."


@pytest.mark.parametrize(
    ("factor", "watch"),
    [
        ("on isotretinoin now", ISOTRETINOIN),
        ("Roaccutane", ISOTRETINOIN),
        ("Accutane until May", ISOTRETINOIN),
        ("not on isotretinoin", UNMATCHED),
        ("infection", STOP),
        ("active infection", STOP),
        ("no active infection", UNMATCHED),
        ("anesthetic allergy", STOP),
        ("allergic to anaesthetics", STOP),
        ("stainless steel allergy", STOP),
        ("irritated skin", STOP),
        ("haemophilia", STOP),
        ("breast-feeding", STOP),
        ("breastfeeding", STOP),
        ("lactating", STOP),
        ("nursing", STOP),
        ("nursing a baby", STOP),
        ("breast implants", UNMATCHED),
        ("works in nursing", UNMATCHED),
        ("nursing student", UNMATCHED),
        ("pregnant, not smoking", STOP),
        ("not pregnant", UNMATCHED),
        ("Never pregnant", UNMATCHED),
        ("no longer pregnant", UNMATCHED),
        ("no pregnancy, blood thinners", ASK),
        ("blood thinners", ASK),
        ("blood-thinner", ASK),
        ("cold sores", ASK),
        ("herpes simplex", ASK),
        ("poor wound healing", ASK),
        ("sun", SUN),
        ("a lot of sun, no hat", SUN),
        ("sunbathes", SUN),
        ("Sunday appointments only", UNMATCHED),
        ("non-smoker", UNMATCHED),
        ("doesn't smoke", UNMATCHED),
    ],
)
def test_what_the_label_names_is_found_and_nothing_else(factor, watch):
    """Its items by other names too; not what only sounds like them, nor what is said not to be so."""
    assert watched(Recorded(watched=[factor]))["To watch"][1] == watch


def test_isotretinoin_now_is_a_reason_to_stop():
    """In the last months it is a warning (docs/evidence.md)."""
    assert ISOTRETINOIN.startswith("On it now: a reason to stop; within 6 months: a warning")


def test_directions_promise_and_diagnose_nothing():
    """They say what is said, and hold no number of days."""
    for direction in WATCHED.values():
        assert direction.grade in GRADES
        assert not any(word in direction.watch for word in (" will ", "cure", "guarantee", "diagnos"))


@pytest.mark.parametrize(
    ("visits", "how"),
    [
        (["2026-01-02 session completed"], None),
        (["2026-01-02 session completed", "2026-01-10 session completed"], "1 too soon"),
        (["2026-01-02 session completed", "2026-03-01 session completed"], "1 late"),
        (["2025-12-01 session completed", "2025-12-31 session completed", "2026-03-01 session completed"],
         "1 on time, 1 late"),
    ],
)  # fmt: skip
def test_regularity_counts_how_sessions_fitted(visits, how):
    """From the second on."""
    assert watched(Recorded(), visits).get("Regularity", (None,))[0] == how


@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2000, 2, 29), date(2026, 2, 28), 25),
        (date(2000, 2, 29), date(2026, 3, 1), 26),
        (date(2000, 2, 29), date(2024, 2, 29), 24),
        (TODAY, TODAY, 0),
    ],
)
def test_age_in_whole_years(born, day, years):
    """Whoever was born on a leap day is a year older on 1 March."""
    assert age_on(born, day) == years

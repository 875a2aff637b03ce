"""The documentation holds: its links, its commands and its example do what it says."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from clinic import cli
from lib.call_list import ABOUT_VIEWS, VIEWS
from lib.outcomes import OUTCOMES

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    """Every relative link and picture of a page is a file."""
    targets = re.findall(r"\]\(([^)#\s]+)", page.read_text())
    missing = [t for t in targets if not t.startswith("http") and not (page.parent / t).exists()]
    assert missing == []


def test_the_readme_lists_the_commands_that_exist():
    """No command of the command line is left out, and none is invented."""
    listed = set(re.findall(r"`python clinic\.py ([a-z][a-z-]+)", README))
    assert listed == set(cli.commands)


def test_make_targets_that_are_named_exist():
    """Every `make …` in the documentation is a target of the Makefile, and every target is documented."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())
    named = {name for page in PAGES for name in re.findall(r"(?:`|^)make ([a-z]+)", page.read_text(), re.MULTILINE)}
    assert named == targets


def test_the_readme_s_example_does_what_it_shows(tmp_path, monkeypatch):
    """The commands of the section on one's own clinic run in order and print what stands below them."""
    monkeypatch.setenv("CLINIC_DB", str(tmp_path / "clinic.db"))
    monkeypatch.chdir(ROOT)
    section = README.split("## Your own clinic")[1]
    commands = re.findall(r"^python clinic\.py (.+)$", section, re.MULTILINE)
    shown = re.findall(r"```text\n(.*?)```", section, re.DOTALL)
    printed = []
    for command in commands:
        result = CliRunner().invoke(cli, shlex.split(command), input="a password for the example\n")
        assert result.exit_code == 0, result.output
        printed.append(result.output)
    wanted = [line.split("  ")[-1] for text in shown for line in text.splitlines()]
    assert len(commands) == 4
    assert [line for line in wanted if line not in "".join(printed)] == []


def test_the_worklist_s_page_says_what_the_code_does():
    """Outcomes and views stand in docs/worklist.md as the code has them, in order, none more and none less."""
    page = (ROOT / "docs" / "worklist.md").read_text()
    outcomes = [f"| {one.label} | {one.does} |" for one in OUTCOMES.values()]
    views = [f"| {name} | `{view}` | {ABOUT_VIEWS[view]} |" for view, name in VIEWS.items()]
    for rows in (outcomes, views):
        assert "\n".join(rows) + "\n\n" in page


def test_every_test_that_the_page_on_security_names_exists():
    """Each `file::test` in docs/security.md is a test in that file."""
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", (ROOT / "docs" / "security.md").read_text())
    missing = [f"{file}::{test}" for file, test in named if f"def {test}(" not in (ROOT / file).read_text()]
    assert len(named) > 40
    assert missing == []


@pytest.mark.parametrize("path", ["README.md", "CHANGELOG.md", "GLOSSARY.md", "LICENSE", "docs/rules.md"])
def test_what_a_newcomer_looks_for_is_there(path):
    """The usual files exist and say something."""
    assert len((ROOT / path).read_text()) > 500

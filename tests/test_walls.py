"""Who may know whom: read from the imports and calls of every module."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for folder in ("lib", "clinic_data", "pages", "gate")
    for path in sorted((ROOT / folder).rglob("*.py"))
} | {name: ast.parse((ROOT / name).read_text(encoding="utf-8")) for name in ("app.py", "clinic.py")}

DRIVERS = ("sqlite3", "pysqlite3", "sqlite_utils", "duckdb", "sqlalchemy")
CLOCKS = {
    *("date.today", "datetime.now", "datetime.today", "datetime.utcnow", "Timestamp.now", "Timestamp.today"),
    *("Timestamp.utcnow", "time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.strftime"),
}
FILES = ("open", "read_text", "read_bytes", "write_text", "write_bytes", "read_csv", "to_csv", "read_parquet")
ENVIRONMENT = {"os.environ", "os.getenv", "os.environb"}
SQL = re.compile(
    r"\s*(select\s.+\sfrom\s|insert\s+into\s|update\s+\w+\s+set\s|delete\s+from\s|(create|drop|alter)\s+table\s|pragma\s)",
    re.IGNORECASE | re.DOTALL,
)


def in_folder(*folders: str) -> list[str]:
    """The modules of some folders, and those named."""
    return [name for name in MODULES if name.startswith(folders)]


def imports(module: str) -> set[str]:
    """Everything that a module imports, by its full name, wherever in the module."""
    found = set()
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{module}: relative imports hide where a name comes from"
            found |= {node.module or ""} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def known(module: str, *forbidden: str) -> set[str]:
    """Those of the forbidden packages and modules that the module imports."""
    return {name for name in forbidden for found in imports(module) if f"{found}.".startswith(f"{name}.")}


def names(module: str) -> Iterator[str]:
    """Every name and dotted name that a module uses: `now`, `datetime.now`, `dt.datetime.now`."""
    for node in ast.walk(MODULES[module]):
        if isinstance(node, ast.Name | ast.Attribute):
            yield ast.unparse(node)


def uses(module: str, wanted: set[str]) -> set[str]:
    """Those of the wanted dotted names that the module uses, under whatever longer name."""
    return {name for name in wanted for used in names(module) if f".{used}".endswith(f".{name}")}


def texts(module: str) -> Iterator[str]:
    """The text constants of a module, without its docstrings."""
    for node in ast.walk(MODULES[module]):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Constant) and isinstance(child.value, str) and not isinstance(node, ast.Expr):
                yield child.value


def test_there_is_something_to_read():
    """A folder that moves does not take its walls away unseen."""
    for folder in ("lib/schedule/", "lib/charts/", "clinic_data/intake/", "clinic_data/demo/", "pages/parts/"):
        assert in_folder(folder), folder


@pytest.mark.parametrize("module", in_folder("lib/"))
def test_lib_knows_neither_pages_nor_storage(module):
    """What the clinic knows is computed from frames that come in."""
    assert known(module, "streamlit", "clinic_data", "pages", "app", "clinic", *DRIVERS) == set()


@pytest.mark.parametrize("module", in_folder("lib/"))
def test_lib_reads_no_clock_no_file_and_no_environment(module):
    """But for protocol files, which one module reads."""
    assert uses(module, CLOCKS | ENVIRONMENT) == set()
    assert not {"now", "today"} & set(texts(module)), "pandas and numpy read the clock for these words"
    assert known(module, "os", "time", "sys", "subprocess", "socket", "urllib", "requests") == set()
    if module != "lib/schedule/protocols.py":
        assert uses(module, set(FILES)) == set()
        assert known(module, "pathlib", "io") == set()


def test_protocol_files_are_only_read():
    """The one module of lib that opens files reads text."""
    assert uses("lib/schedule/protocols.py", set(FILES)) == {"read_text"}


@pytest.mark.parametrize("module", in_folder("clinic_data/"))
def test_storage_knows_neither_pages_nor_pictures(module):
    """What the clinic keeps does not depend on how it is shown, or on who comes in by which door."""
    assert known(module, "streamlit", "lib.charts", "plotly", "starlette", "gate", "pages", "app", "clinic") == set()


@pytest.mark.parametrize("module", in_folder("gate/"))
def test_the_gate_knows_no_page(module):
    """It stands in front of the app, whatever is behind it."""
    assert known(module, "streamlit", "lib.schedule", "lib.charts", "pages", "app", "clinic") == set()


@pytest.mark.parametrize("module", MODULES)
def test_streamlit_is_known_at_the_door_and_in_pages(module):
    """Nowhere else."""
    assert module == "app.py" or module.startswith("pages/") or not known(module, "streamlit")


@pytest.mark.parametrize("module", MODULES)
def test_one_module_reads_the_time(module):
    """clinic_data/clock.py."""
    if module == "clinic_data/clock.py":
        assert uses(module, CLOCKS) == {"datetime.now"}
    else:
        assert uses(module, CLOCKS) == set()
        assert known(module, "time") == set()


@pytest.mark.parametrize("module", MODULES)
def test_only_storage_speaks_sql(module):
    """Pages, commands and lib call functions that are named for what they do."""
    if not module.startswith("clinic_data/"):
        assert known(module, *DRIVERS) == set()
        assert [text for text in texts(module) if SQL.match(text)] == []
        assert not uses(module, {"execute", "executemany", "executescript"})


@pytest.mark.parametrize("module", in_folder("clinic_data/"))
def test_one_module_opens_the_file(module):
    """With one SQLite: a second one in the same process would drop the first one's locks."""
    assert known(module, "sqlite3", "duckdb", "sqlalchemy") == set()
    assert known(module, "pysqlite3") == ({"pysqlite3"} if module == "clinic_data/database.py" else set())


@pytest.mark.parametrize("module", MODULES)
def test_a_module_is_named_for_its_subject(module):
    """Not for being of use."""
    assert not {"utils", "util", "helpers", "common", "manager", "base", "misc"} & set(
        Path(module).with_suffix("").parts
    )


def test_the_walls_are_seen_through():
    """What the tests above look for is found where it stands."""
    assert known("clinic_data/database.py", *DRIVERS) == {"pysqlite3", "sqlite_utils"}
    assert known("clinic.py", "clinic_data") == {"clinic_data"}
    assert uses("clinic_data/database.py", ENVIRONMENT) == {"os.environ"}
    assert any(SQL.match(text) for text in texts("clinic_data/visits.py"))
    assert any(SQL.match(text) for text in texts("clinic_data/migrations.py"))

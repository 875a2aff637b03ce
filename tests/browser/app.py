"""The app as a user meets it: a demo clinic of its own, served on a free port, and its log."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOW = "2026-11-23T09:00:00+00:00"
"""The demo's day: the pictures and the tests are the same on any other."""


@dataclass(frozen=True)
class Served:
    """Where the app answers, which file it serves, and what it has written to its log."""

    address: str
    database: Path
    log_file: Path

    def log(self) -> str:
        """The server's log so far."""
        return self.log_file.read_text()


def environment_for(database: Path, now: str | None = None) -> dict[str, str]:
    """The environment in which the program works on that file, at that time."""
    environment = {**os.environ, "CLINIC_DB": str(database), "PYTHONWARNINGS": "default"}
    environment.pop("CLINIC_NOW", None)
    return environment | ({"CLINIC_NOW": now} if now else {})


def run_clinic(
    database: Path, *command: str, now: str | None = None, typed: str = "", fails: bool = False
) -> subprocess.CompletedProcess:
    """Run a command of `clinic.py` on that file with `typed` as its input; it must succeed unless it `fails`."""
    done = subprocess.run(
        [sys.executable, "clinic.py", *command],
        cwd=ROOT,
        env=environment_for(database, now),
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert fails == bool(done.returncode), done.stderr
    return done


def serving(port: int, *options: str) -> list[str]:
    """The command that serves the app."""
    return [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), *options]


@contextmanager
def served(
    folder: Path, *start: str, now: str | None = NOW, fill: Callable[[Path], None] | None = None
) -> Iterator[Served]:
    """Make a clinic with `clinic.py start` and these options, and serve it until the block ends.

    `fill` puts more into the clinic's file before it is served.
    """
    database, log_file = folder / "clinic.db", folder / "server.log"
    environment = environment_for(database, now)
    run_clinic(database, "start", *start, now=now)
    if fill:
        fill(database)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log_file.open("w") as log:
        server = subprocess.Popen(serving(port), cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", server, log_file)
            yield Served(f"http://127.0.0.1:{port}", database, log_file)
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait(address: str, server: subprocess.Popen, log_file: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server, on loopback
                return
        except (urllib.error.URLError, ConnectionError):
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"the app did not start: {log_file.read_text()}")

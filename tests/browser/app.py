"""The app as a user meets it: a demo clinic of its own, served on a free port, and its log."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
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


@contextmanager
def served(folder: Path, *start: str, now: str | None = NOW) -> Iterator[Served]:
    """Make a clinic with `clinic.py start` and these options, and serve it until the block ends."""
    database, log_file = folder / "clinic.db", folder / "server.log"
    environment = {**os.environ, "CLINIC_DB": str(database), "PYTHONWARNINGS": "default"}
    environment.pop("CLINIC_NOW", None)
    if now:
        environment["CLINIC_NOW"] = now
    command = [sys.executable, "clinic.py", "start", *start]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with log_file.open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
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

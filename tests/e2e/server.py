"""A Streamlit server of the tests: a process of its own, started from the repository's root as `make run` does."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

ROOT = Path(__file__).parents[2]
APPS = Path(__file__).parent / "apps"


@dataclass(frozen=True)
class Server:
    """A running server: where it listens (`http://127.0.0.1:port`), its process and what it wrote."""

    url: str
    process: psutil.Process
    output: IO[bytes]

    def log(self) -> str:
        """Standard output and error so far."""
        self.output.seek(0)
        return self.output.read().decode()

    def memory(self) -> int:
        """Resident memory in bytes."""
        return self.process.memory_info().rss


@contextlib.contextmanager
def serve(script: Path = ROOT / "app.py", environment: Mapping[str, str] | None = None,
          base: str = "") -> Iterator[Server]:
    """A server that has answered its health check, but that nobody has visited; stopped at the end.

    `environment` is added to this process's; `base` is the path below which it serves the app (`/lab`).

    Raises:
        RuntimeError: it stopped, or did not answer within a minute; the message is what it wrote.
    """
    port = _free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
    command += ["--server.headless=true", "--server.address=127.0.0.1", f"--server.baseUrlPath={base}"]
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT,
                                 env=os.environ | dict(environment or {}))
        server = Server(f"http://127.0.0.1:{port}{base}", psutil.Process(child.pid), output)
        try:
            _wait_until_healthy(server, child)
            yield server
        finally:
            child.terminate()
            try:
                child.wait(2)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_until_healthy(server: Server, child: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and child.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise RuntimeError(f"The server did not start.\n{server.log()}")

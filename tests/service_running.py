"""A real `gongkai serve` in a process of its own, for tests and measurements: started, killed, started again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil

from nlp.client import Client
from nlp.service.database import Database
from nlp.service.keys import Keys
from nlp.service.state import DATABASE
from tests.conftest import ROOT

READY = 60.0  # seconds in which it must be ready


class Service:
    """A service over a data folder, on a port of its own."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self._options = data, options
        self.port = _free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.key = Keys(Database(data / DATABASE)).add("test", ["admin"])[1]
        self.log = data.parent / f"{data.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> float:
        """Start it; returns the seconds until it was ready. Raises TimeoutError."""
        began = time.monotonic()
        words = [sys.executable, "-m", "nlp.cli", "serve", "--data", str(self.data), "--port", str(self.port), *self._options]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(words, stderr=log, stdout=log, env=environment)
        while time.monotonic() - began < READY:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return time.monotonic() - began
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        raise TimeoutError(f"the service is not ready: {self.log.read_text(encoding='utf-8')[-2000:]}")

    @property
    def is_running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def process(self) -> psutil.Process:
        """The process of the service."""
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def client(self) -> Client:
        """A client with the key of the test."""
        return Client(self.url, self.key)

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """SIGTERM; returns the exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

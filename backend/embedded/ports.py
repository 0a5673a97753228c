"""Ports for the embedded servers: free ones, remembered from start to start."""

import contextlib
import random
import socket
from collections.abc import Iterable, Mapping
from pathlib import Path

from backend.embedded.env_file import read_env_file, write_env_file
from backend.embedded.errors import StartError

# Below the range from which systems take the ports of outgoing connections.
_RANGE = range(20000, 32000)


def is_free(port: int, *, host: str = "127.0.0.1") -> bool:
    """True if a server could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the servers do: connections that are still closing are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def check_web_port(host: str, port: int) -> None:
    """Raises StartError, saying how to choose another, if the web server could not listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((host, 0))
        except OSError as error:
            raise StartError(
                f"HOST={host} is not an address of this machine ({error.strerror})."
            ) from error
    if port < 1024:
        # Only the system's own answer tells "taken" from "not allowed".
        with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            try:
                probe.bind((host, port))
            except PermissionError as error:
                raise StartError(
                    f"PORT={port} is for root alone. Choose one above 1023: make up PORT=8000"
                ) from error
            except OSError:
                pass
    if not is_free(port, host=host):
        other = next(
            (p for p in range(port + 1, min(port + 100, 65535)) if is_free(p, host=host)), 8001
        )
        raise StartError(
            f"Port {port} of {host} is taken by another program. "
            f"Choose another: make up PORT={other}"
        )


def choose_ports(
    path: Path, names: Iterable[str], *, companions: Mapping[str, tuple[str, int]]
) -> dict[str, int]:
    """A free port for each name: the one in the file where it is still free, else a new one.

    companions: a name's second port, as its own name and how far above the first it lies.
    The file remembers them. Call it when this album's earlier servers have ended.
    """
    remembered = read_env_file(path)
    chosen: dict[str, int] = {}
    for name in names:
        second, distance = companions.get(name, ("", 0))
        known = remembered.get(name, "")
        port = int(known) if known.isdecimal() and int(known) in _RANGE else 0
        if not port or port in chosen.values() or not _are_free(port, port + distance):
            port = _pick(set(chosen.values()), distance)
        chosen[name] = port
        if second:
            chosen[second] = port + distance
    if {name: str(port) for name, port in chosen.items()} != remembered:
        write_env_file(path, {name: str(port) for name, port in chosen.items()})
    return chosen


def _pick(taken: set[int], distance: int) -> int:
    for _ in range(1000):
        port = random.choice(_RANGE)  # noqa: S311 - a port is no secret
        if port not in taken and _are_free(port, port + distance):
            return port
    raise StartError(f"No free port found on 127.0.0.1 from {_RANGE.start} to {_RANGE.stop}.")


def _are_free(*ports: int) -> bool:
    # On any address of this machine: SeaweedFS refuses to start where anybody has the port.
    return all(is_free(port, host="0.0.0.0") for port in ports)  # noqa: S104 - nobody listens

"""What processes listen on, as the kernel tells it (a bare machine has neither ss nor lsof)."""

import ipaddress
import sys
from collections.abc import Iterable
from pathlib import Path

_LISTENING = "0A"


def listening_addresses(processes: Iterable[int]) -> set[tuple[str, int]]:
    """(address, port) of every TCP socket on which one of the processes listens."""
    sockets = {
        target
        for process in processes
        for target in _targets(Path(f"/proc/{process}/fd"))
        if target.startswith("socket:")
    }
    found = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENING and f"socket:[{fields[9]}]" in sockets:
                address, _, port = fields[1].partition(":")
                found.add((_parse(address), int(port, 16)))
    return found


def processes_of(mark: str) -> set[int]:
    """Every process whose environment holds the text."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            if mark.encode() in environment.split(b"\0"):
                found.add(int(entry.name))
    return found


def _targets(folder: Path) -> list[str]:
    targets = []
    try:
        for link in folder.iterdir():
            targets.append(str(link.readlink()))
    except OSError:
        pass
    return targets


def _parse(text: str) -> str:
    # The kernel prints each group of four bytes as one number of this machine's byte order.
    groups = [bytes.fromhex(text[start : start + 8]) for start in range(0, len(text), 8)]
    packed = b"".join(group[::-1] if sys.byteorder == "little" else group for group in groups)
    return str(ipaddress.ip_address(packed))

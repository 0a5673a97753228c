"""What a lock says about the distributions that a few names need."""

import importlib.metadata
import re
from collections.abc import Iterable
from typing import Any

from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class LockError(Exception):
    """Something needed is not in the lock."""


def locked_closure(lock: str, *, needs: Iterable[str], without: Iterable[str]) -> dict[str, str]:
    """Distribution -> its lines in the lock (version and hashes), of all that `needs` need.

    What needs what is read from the installed packages, which are those of the lock. Raises
    LockError for a name that the lock does not hold.
    """
    locked = read_lock(lock)
    excluded = {canonicalize_name(name) for name in without}
    closure: dict[str, str] = {}
    # Lambda's system, whatever this one is.
    environment: dict[str, Any] = {**default_environment()}
    environment |= {"sys_platform": "linux", "platform_system": "Linux"}
    open_ends = [Requirement(name) for name in needs]
    seen: set[tuple[str, frozenset[str]]] = set()
    while open_ends:
        wanted = open_ends.pop()
        name = canonicalize_name(wanted.name)
        key = (name, frozenset(wanted.extras))
        if name in excluded or key in seen:
            continue
        seen.add(key)
        if name not in locked:
            raise LockError(f"requirements.txt does not hold {name}")
        closure[name] = locked[name]
        for text in importlib.metadata.distribution(name).requires or ():
            requirement = Requirement(text)
            extras = wanted.extras or {""}
            if requirement.marker is None or any(
                requirement.marker.evaluate({**environment, "extra": extra}) for extra in extras
            ):
                open_ends.append(requirement)
    return closure


def read_lock(lock: str) -> dict[str, str]:
    """Distribution -> its lines, as pip reads them; several where they depend on the Python."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=[a-zA-Z0-9])", lock):
        match = re.match(r"[a-zA-Z0-9][\w.-]*", entry)
        if match:
            name = canonicalize_name(match[0])
            found[name] = f"{found[name]}\n{entry.strip()}" if name in found else entry.strip()
    return found

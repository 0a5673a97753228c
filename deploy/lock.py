"""What a lock says about the distributions that a few names need."""

import importlib.metadata
import platform
import re
from collections.abc import Iterable
from typing import Any

from packaging.markers import Marker, default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


class LockError(Exception):
    """Something needed is not in the lock."""


def locked_closure(
    lock: str, *, needs: Iterable[str], without: Iterable[str], python: str
) -> dict[str, str]:
    """Distribution -> its lines in the lock (version and hashes), of all that `needs` need.

    For Linux and the Python of that version ("3.12"), whatever runs this. What needs what is read
    from the installed packages, which are those of the lock. Raises LockError for a name that the
    lock does not hold.
    """
    environment = environment_of(python)
    locked = read_lock(lock, environment)
    excluded = {canonicalize_name(name) for name in without}
    closure: dict[str, str] = {}
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


def environment_of(python: str) -> dict[str, Any]:
    """What markers ask about, on Lambda.

    Its Python has the latest patches, unless it is the running one that stands for it, in tests.
    """
    running = platform.python_version()
    is_running = running.startswith(f"{python}.")
    return {
        **default_environment(),
        "python_version": python,
        "python_full_version": running if is_running else f"{python}.99",
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": "x86_64",
    }


def read_lock(lock: str, environment: dict[str, Any]) -> dict[str, str]:
    """Distribution -> its lines, as pip reads them, where their marker holds; markers left out."""
    found: dict[str, str] = {}
    for entry in re.split(r"\n(?=[a-zA-Z0-9])", lock):
        match = re.match(
            r"([a-zA-Z0-9][\w.-]*)(==[^ ;\\]+)(?: ; ([^\\\n]+?))?( \\\n.*)?$", entry, re.S
        )
        if match is None:
            continue
        name, version, marker, hashes = match.groups()
        if marker is None or Marker(marker).evaluate(environment):
            found[canonicalize_name(name)] = f"{name}{version}{(hashes or '').rstrip()}"
    return found

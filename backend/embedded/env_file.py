"""Small files of NAME=value lines: .env, and what `up` keeps in DATA_DIR."""

import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path

from backend.embedded.errors import StartError
from backend.embedded.private_file import write_private_file

INSTANCE_FILE = "instance.env"
DEFAULT_DATA_DIR = ".data"

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_env_file(path: Path) -> dict[str, str]:
    """The settings of a file; none if there is no such file.

    A line is NAME=value, with or without `export` before and quotes around the value;
    empty lines and lines that begin with # are skipped.
    Raises StartError naming the line that is anything else.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise StartError(f"{path} cannot be read: {error}") from error
    values = {}
    for number, line in enumerate(lines, start=1):
        text = line.strip().removeprefix("export ").strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):
            # The line itself may hold a secret: it is not shown.
            raise StartError(f"{path}, line {number}: expected NAME=value")
        values[name.strip()] = _unquote(value.strip())
    return values


def write_env_file(path: Path, values: Mapping[str, str]) -> None:
    """The file holds exactly these values, readable by its owner alone.

    It appears whole or not at all. Raises ValueError for a value of several lines.
    """
    lines = []
    for name, value in values.items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"{name} holds a line break")
        # Quotes keep what unquoting would take away; nothing inside them is escaped.
        quoted = f'"{value}"' if value != _unquote(value.strip()) else value
        lines.append(f"{name}={quoted}\n")
    write_private_file(path, "".join(lines).encode())


def fill_environment(environ: MutableMapping[str, str], *, folder: Path, instance: bool) -> None:
    """Settings that the environment lacks come from .env in the folder.

    instance: what is still missing then comes from the album's own file in DATA_DIR, so that
    a command talks to the servers that `up` started.
    """
    fill(environ, read_env_file(folder / ".env"))
    if instance:
        data_dir = folder / Path(environ.get("DATA_DIR") or DEFAULT_DATA_DIR).expanduser()
        fill(environ, read_env_file(data_dir / INSTANCE_FILE))


def fill(environ: MutableMapping[str, str], values: Mapping[str, str]) -> None:
    """Names that the environment does not know, or knows as empty, get these values."""
    for name, value in values.items():
        if not environ.get(name):
            environ[name] = value


def _unquote(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value

"""What an interrupted upload had done already, so that it goes on there."""

import hashlib
import json
import os
import threading
from pathlib import Path

from shiguang.folder import Found
from shiguang.session import Session


class Journal:
    """A line for each file that the album has. Threads may share it.

    It is kept until everything has come; the next upload of the folder then looks anew. A file
    that has changed since is not in it.
    """

    def __init__(self, session: Session, root: Path) -> None:
        base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
        name = "\n".join([session.url, session.username or session.token, str(root.resolve())])
        digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]
        self._path = Path(base) / "shiguang" / f"upload-{digest}.jsonl"
        self._lock = threading.Lock()
        self._done = self._read()

    def has(self, found: Found) -> bool:
        return _entry(found) in self._done

    def add(self, found: Found) -> None:
        line = json.dumps(_entry(found)) + "\n"
        with self._lock, self._path.open("a", encoding="utf-8") as file:
            file.write(line)

    def forget(self) -> None:
        self._path.unlink(missing_ok=True)

    def _read(self) -> set[tuple[str, int, int]]:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines()
        except FileNotFoundError:
            return set()
        done = set()
        for line in lines:
            try:
                path, size, changed = json.loads(line)
            except ValueError:  # the line that a kill cut short
                continue
            done.add((path, size, changed))
        if lines:
            # Whatever is added stands on a line of its own.
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n")
        return done


def _entry(found: Found) -> tuple[str, int, int]:
    return str(found.path.resolve()), found.size, found.changed

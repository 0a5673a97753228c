"""Files that hold secrets."""

import os
import secrets
from pathlib import Path


def write_private_file(path: Path, content: bytes) -> None:
    """The file holds exactly this, readable by its owner alone; it appears whole or not at all."""
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise

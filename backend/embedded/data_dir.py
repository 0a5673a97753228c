"""DATA_DIR: everything that one album keeps on this machine."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from backend.embedded.errors import StartError

# Below this a database and a photo store cannot even start in good order.
NEEDED_BYTES = 500 * 1024 * 1024


def prepare_data_dir(data_dir: Path) -> None:
    """The folder exists, is the owner's alone and can hold something.

    Raises StartError if it cannot be made or written, or if its disk is nearly full.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data_dir / "logs").mkdir(exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir) as probe:
            probe.write(b"written")
            probe.flush()
        data_dir.chmod(0o700)
    except OSError as error:
        reason = error.strerror or str(error)
        raise StartError(
            f"DATA_DIR {data_dir} cannot be used: {reason}. Choose another folder with DATA_DIR=..."
        ) from error
    check_free_space(data_dir, needed=NEEDED_BYTES)


def empty_folder(folder: Path) -> None:
    """The folder holds nothing; it is there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(exist_ok=True)


def check_free_space(folder: Path, *, needed: int) -> None:
    """Raises StartError with both figures if the folder's disk has fewer than `needed` bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise StartError(
            f"The disk of {folder} is nearly full: {_megabytes(free)} free, {_megabytes(needed)} "
            f"needed. Make room, or choose a folder on another disk with DATA_DIR=..."
        )


@contextlib.contextmanager
def only_instance(data_dir: Path) -> Iterator[None]:
    """Nobody else runs this album meanwhile; the system frees the lock even on kill -9.

    Raises StartError naming the process that runs it already.
    """
    with (data_dir / "lock").open("a+", encoding="ascii") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.seek(0)
            holder = file.read(20).strip() or "unknown"
            raise StartError(
                f"This album is running already, as process {holder}: DATA_DIR {data_dir} is "
                f"in use. Stop that one first (kill {holder}), or choose another DATA_DIR and PORT."
            ) from error
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _megabytes(size: int) -> str:
    return f"{size // (1024 * 1024)} MB"

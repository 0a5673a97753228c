import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from backend.embedded.leftovers import end_leftovers
from backend.embedded.process import MARK, temporary_dir

# Says that it has started, then stays, deaf to SIGTERM if asked to be.
STAY = "print('up', flush=True); import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAY}"


@contextmanager
def stranger(
    code: str, *, cwd: Path | None = None, mark: str = "", temporary: str = "/tmp"
) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, MARK: mark, "TMPDIR": temporary},
        cwd=cwd,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def test_what_a_killed_run_left_is_ended_even_if_it_is_deaf(tmp_path: Path) -> None:
    mark = str(tmp_path)
    with stranger(STAY, mark=mark) as polite, stranger(DEAF, mark=mark) as deaf:
        # Two zombies of ours would be found again; a real earlier run leaves none.
        assert end_leftovers(tmp_path, seconds=0.6) == 2
        assert polite.wait(5) != 0
        assert deaf.wait(5) != 0


def test_another_album_and_other_programs_are_left_alone(tmp_path: Path) -> None:
    with stranger(STAY, mark=f"{tmp_path}-other") as other, stranger(STAY) as unrelated:
        assert end_leftovers(tmp_path) == 0
        time.sleep(0.1)
        assert other.poll() is None
        assert unrelated.poll() is None


def test_children_of_a_postgres_are_known_by_the_folder_they_work_in(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    with stranger(STAY, cwd=folder) as child:
        assert end_leftovers(tmp_path, seconds=0.6) == 1
        assert child.wait(5) != 0


def test_what_knows_nothing_but_the_albums_folder_for_a_moment_is_ended(tmp_path: Path) -> None:
    with stranger(STAY, temporary=str(temporary_dir(tmp_path))) as decoder:
        assert end_leftovers(tmp_path, seconds=0.6) == 1
        assert decoder.wait(5) != 0

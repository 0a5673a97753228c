import os
import shutil
import stat
from pathlib import Path

import pytest

from backend.embedded.data_dir import check_free_space, only_instance, prepare_data_dir
from backend.embedded.errors import StartError


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    data_dir = tmp_path / "a" / "b"
    prepare_data_dir(data_dir)
    prepare_data_dir(data_dir)
    assert stat.S_IMODE(data_dir.stat().st_mode) == 0o700
    assert (data_dir / "logs").is_dir()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"DATA_DIR .* cannot be used: Not a directory"):
        prepare_data_dir(tmp_path / "file" / "data")


def test_a_full_disk_is_told_with_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=7 * 1024**2)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(StartError, match="7 MB free, 500 MB needed"):
        prepare_data_dir(tmp_path)


def test_a_disk_with_room_is_fine(tmp_path: Path) -> None:
    check_free_space(tmp_path, needed=1)


def test_a_second_run_of_the_same_album_is_refused_and_told_who_runs_it(tmp_path: Path) -> None:
    with (
        only_instance(tmp_path),
        pytest.raises(StartError, match=f"as process {os.getpid()}"),
        only_instance(tmp_path),
    ):
        pass
    with only_instance(tmp_path):
        pass

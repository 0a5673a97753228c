"""The installer, in a copy of the tree's bare outline, with a package made on the spot."""

import base64
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from backend.embedded import install as installer

TOLD = "print('the package speaks')"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A checkout of which only the installer and a lock are there."""
    folder = tmp_path / "tree"
    (folder / "backend/embedded").mkdir(parents=True)
    shutil.copy(installer.__file__, folder / "backend/embedded/install.py")
    write_lock(folder, make_wheel(tmp_path / "wheels", version="1.0"))
    return folder


def make_wheel(folder: Path, *, version: str) -> Path:
    folder.mkdir(exist_ok=True)
    info, path = f"tiny-{version}.dist-info", folder / f"tiny-{version}-py3-none-any.whl"
    files = {
        "tiny.py": TOLD,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: tiny\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\n"
        "Tag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        record = ""
        for name, text in files.items():
            wheel.writestr(name, text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            record += f"{name},sha256={digest.decode().rstrip('=')},{len(text)}\n"
        wheel.writestr(f"{info}/RECORD", f"{record}{info}/RECORD,,\n")
    return path


def write_lock(tree: Path, wheel: Path, *, digest: str = "") -> None:
    digest = digest or hashlib.sha256(wheel.read_bytes()).hexdigest()
    version = wheel.name.split("-")[1]
    lock = f"tiny=={version} \\\n    --hash=sha256:{digest}\n"
    (tree / "requirements.txt").write_text(lock)


def environment(tree: Path) -> dict[str, str]:
    wheels = tree.parent / "wheels"
    return os.environ | {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_CONFIG_FILE": os.devnull,
    }


def install(tree: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [
            *(sys.executable, "backend/embedded/install.py", "requirements.txt"),
            *(".venv/bin/python", "-c", "import tiny"),
        ],
        cwd=tree,
        env=environment(tree),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_it_installs_once_and_then_only_runs_the_command(tree: Path) -> None:
    first, again = install(tree), install(tree)
    assert "Installing 1 packages of requirements.txt ..." in first.stdout
    assert first.stdout.endswith("the package speaks\n")
    assert (again.returncode, again.stdout) == (0, "the package speaks\n")


def test_another_lock_is_installed(tree: Path) -> None:
    install(tree)
    write_lock(tree, make_wheel(tree.parent / "wheels", version="2.0"))
    assert "Installing 1 packages" in install(tree).stdout
    assert list((tree / ".venv").glob("lib/python*/site-packages/tiny-2.0.dist-info"))


@pytest.mark.parametrize("left", ["installing", "bin/python", "pip"])
def test_what_a_killed_run_left_half_done_is_made_anew(tree: Path, left: str) -> None:
    install(tree)
    venv = tree / ".venv"
    if left == "installing":  # cut off while packages were written
        (venv / "installing").touch()
        (venv / "requirements.txt.sha256").unlink()
        next(venv.glob("lib/python*/site-packages/tiny.py")).write_text("half a fi")
    elif left == "pip":  # cut off while the environment was made
        shutil.rmtree(next(venv.glob("lib/python*/site-packages/pip")))
        (venv / "requirements.txt.sha256").unlink()
    else:  # the system's Python was replaced
        (venv / left).unlink()
    done = install(tree)
    assert "Making the virtual environment" in done.stdout
    assert done.stdout.endswith("the package speaks\n")


def test_bytes_that_are_not_the_locks_are_refused_in_one_line(tree: Path) -> None:
    write_lock(tree, next((tree.parent / "wheels").iterdir()), digest="0" * 64)
    done = install(tree)
    assert done.returncode == 1
    assert "pip could not install requirements.txt" in done.stderr
    assert "Traceback" not in done.stderr
    assert "speaks" not in done.stdout


def test_a_stop_leaves_nothing_running_and_the_next_run_goes_on(tree: Path) -> None:
    command = [sys.executable, "backend/embedded/install.py", "requirements.txt"]
    process = subprocess.Popen(
        command, cwd=tree, env=environment(tree), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while not (tree / ".venv").exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert b"Stopped before everything was installed" in said
    assert b"Traceback" not in said
    assert install(tree).stdout.endswith("the package speaks\n")


def test_a_full_disk_is_told_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)._replace(free=7 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)
    with pytest.raises(installer.InstallError, match=r"2048 MB .* 7 MB are free"):
        installer._check_free_space()

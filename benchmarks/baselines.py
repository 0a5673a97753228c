"""What accuracy is compared with and is no part of the product, in an environment of its own.

python -m benchmarks.baselines --lock    writes baselines.txt anew from baselines.in
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent
_LOCK = _FOLDER / "baselines.txt"
# Two spread-out threads would be charged for waiting for one another.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class BaselineError(Exception):
    """A baseline cannot be run; the text says why."""


def baseline_python(cache: Path) -> Path:
    """The Python of an environment that holds what the lock names. Safe to run again.

    Raises BaselineError if it cannot be installed, such as without a network.
    """
    digest = hashlib.sha256(_LOCK.read_bytes()).hexdigest()[:16]
    home = cache / f"baselines-{digest}"
    python = home / "bin" / "python"
    if (home / "complete").exists():
        return python
    shutil.rmtree(home, ignore_errors=True)
    venv.create(home, with_pip=True)
    command: list[str | Path] = [
        python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
    ]
    done = subprocess.run([*command, "-r", _LOCK], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
        raise BaselineError(f"what is compared with could not be installed: {last[0]}")
    (home / "complete").touch()
    return python


def ask_baseline(
    cache: Path, script: str, requests: Sequence[dict[str, Any]]
) -> Iterator[dict[str, Any]]:
    """The answers of a script beside this file, one for each request, both JSON by lines.

    Raises BaselineError if it ends early.
    """
    with subprocess.Popen(
        [baseline_python(cache), _FOLDER / script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env={**os.environ, **_ONE_THREAD},
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("pipes were asked for")
        for request in requests:
            # One at a time, so that neither side waits for a full pipe.
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            answer = process.stdout.readline()
            if not answer:
                raise BaselineError(f"{script} ended early")
            yield json.loads(answer)
        process.stdin.close()


def _write_lock() -> int:
    command = [sys.executable, "-m", "uv", "pip", "compile", "-q", "--universal"]
    command += ["--python-version", "3.11", "--generate-hashes", "--no-annotate"]
    command += ["--no-emit-index-url", "--no-emit-find-links"]
    # The headless build is the same without windows, which a bare machine cannot open.
    command += ["--no-emit-package", "opencv-python"]
    command += ["--custom-compile-command", "python -m benchmarks.baselines --lock"]
    return subprocess.run([*command, _FOLDER / "baselines.in", "-o", _LOCK], check=False).returncode


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lock", action="store_true", required=True)
    parser.parse_args()
    sys.exit(_write_lock())

"""docs/api.md does what it says, line by line."""

import os
import re
import secrets
import subprocess
from pathlib import Path

import pytest

from backend.embedded.process import ROOT
from tests.conftest import sign_in_as_admin
from tests.pictures import photo_file
from tests.stack import Stack

pytestmark = pytest.mark.stack

TEXT = (ROOT / "docs/api.md").read_text(encoding="utf-8")
PROMISE = "# → "


def test_every_task_runs_and_prints_what_the_document_says(stack: Stack, tmp_path: Path) -> None:
    blocks = re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == len(re.findall(r"^## \d+\.", TEXT, re.MULTILINE)) == 10
    (tmp_path / "cat.png").write_bytes(photo_file("chelsea.png").data)
    (tmp_path / "face.png").write_bytes(photo_file("astronaut.png").data)
    admin = sign_in_as_admin(stack)
    name, password = f"reader-{secrets.token_hex(4)}", secrets.token_hex(8)
    admin.call("POST", "/users", {"username": name, "password": password}, expect=201)
    admin.close()
    # Between what is printed stands what was promised of it.
    promises = [line[len(PROMISE) :] for line in lines(blocks) if line.startswith(PROMISE)]
    mark = secrets.token_hex(8)
    script = "".join(
        f"echo {mark}\n" if line.startswith(PROMISE) else f"{line}\n" for line in lines(blocks)
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "URL": f"{stack.url}/api/v1", "NAME": name},
        input=f"{password}\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    printed = done.stdout.split(mark)
    assert done.returncode == 0, f"after {printed[-2:]}: {done.stderr}"
    assert len(promises) > 15
    for promise, answer in zip(promises, printed, strict=False):
        assert promise in answer


def lines(blocks: list[str]) -> list[str]:
    return [line for block in blocks for line in block.splitlines()]

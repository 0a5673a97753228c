"""`shiguang` against a running album, each time as a program of its own."""

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from backend.embedded.process import ROOT
from tests.album import Album
from tests.conftest import sign_in_as_admin
from tests.pictures import photo_file, small_photos
from tests.stack import Stack, free_port
from tests.waiting import wait_until

pytestmark = pytest.mark.stack


@dataclass(frozen=True)
class Terminal:
    """Somebody's home folder, in which commands are typed."""

    home: Path
    album: Album
    password: str

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "LANG": "C.UTF-8"}

    def start(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, str(ROOT / "clients/python"), *words],
            env=self.environment(),
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def type(self, *words: str, said: str = "", expect: int = 0) -> str:
        """What the command prints."""
        process = self.start(*words)
        out, err = process.communicate(said, timeout=120)
        assert process.returncode == expect, out + err
        return out + err

    def sign_in(self) -> str:
        words = ("login", self.album.url, "-u", self.album.username, "--password-stdin")
        return self.type(*words, said=f"{self.password}\n")


@pytest.fixture
def terminal(stack: Stack, tmp_path: Path) -> Iterator[Terminal]:
    """Somebody who has an account, and has not signed in here yet."""
    admin = sign_in_as_admin(stack)
    name, password = f"user-{os.urandom(4).hex()}", os.urandom(8).hex()
    admin.call("POST", "/users", {"username": name, "password": password}, expect=201)
    admin.close()
    album = Album(stack.url, username=name, password=password)
    home = tmp_path / "home"
    home.mkdir()
    yield Terminal(home, album, password)
    album.close()


def write_photos(folder: Path, count: int, series: str) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for file in small_photos(count, series=series):
        paths.append(folder / file.name)
        paths[-1].write_bytes(file.data)
    return paths


def test_what_is_sent_is_found_and_fetched(terminal: Terminal) -> None:
    trip = terminal.home / "trip"
    (trip / "day 1").mkdir(parents=True)
    for path, name in ((trip / "cat.png", "chelsea.png"), (trip / "day 1/moon.jpg", "rocket.jpg")):
        path.write_bytes(photo_file(name).data)
    (trip / "notes.txt").write_text("no photo")
    (trip / ".hidden.jpg").write_bytes(photo_file("flower.jpg").data)
    (trip / "link.jpg").symlink_to(trip / "cat.png")

    assert "Sign in first: shiguang login" in terminal.type("upload", "trip", expect=1)
    assert "Signed in" in terminal.sign_in()
    assert "2 sent, 0 there already." in (said := terminal.type("upload", "trip"))
    assert "1 files are no photos" in said
    assert "0 sent, 2 there already." in terminal.type("upload", "trip")
    ids = terminal.album.photo_ids()
    for photo_id in ids:
        assert terminal.album.settle(photo_id)["status"] == "ready"
    wait_until("the cat is found", lambda: terminal.album.search("cat"), seconds=60)

    found = terminal.type("search", "cat")
    assert "cat.png" in found
    assert "label: " in found
    (hit,) = json.loads(terminal.type("search", "cat", "--json"))["results"]
    assert hit["photo"]["filename"] == "cat.png"
    assert "Nothing found." in terminal.type("search", "midnight", "xyzzy")

    assert "1 fetched into out" in terminal.type("download", "out", "--search", "cat")
    assert (terminal.home / "out/cat.png").read_bytes() == photo_file("chelsea.png").data
    assert "1 fetched into out, 1 there already" in terminal.type("download", "out", "--all")
    assert sorted(path.name for path in (terminal.home / "out").iterdir()) == [
        "cat.png",
        "moon.jpg",
    ]
    assert "Signed out" in terminal.type("logout")
    assert "Sign in first" in terminal.type("search", "cat", expect=1)


def test_the_token_is_kept_where_nobody_else_reads_it(terminal: Terminal) -> None:
    terminal.sign_in()
    path = terminal.home / ".config/shiguang/session.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert terminal.password not in path.read_text()
    token = json.loads(path.read_text())["token"]
    terminal.type("logout")
    assert not path.exists()
    terminal.album._token = token
    terminal.album.call("GET", "/me", expect=401)


def test_an_upload_that_was_killed_goes_on_where_it_was(terminal: Terminal) -> None:
    terminal.sign_in()
    write_photos(terminal.home / "many", 40, "killed")
    state = terminal.home / ".local/state/shiguang"

    def journaled() -> int:
        lines = [line for path in state.glob("*") for line in path.read_text().splitlines()]
        return sum(bool(line) for line in lines)

    process = terminal.start("upload", "many", "--jobs", "1")
    wait_until("some photos are sent", lambda: journaled() >= 3, seconds=60, pause=0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    sent = journaled()
    assert 3 <= sent < 40
    said = terminal.type("upload", "many")
    assert "failed" not in said
    new, there = (int(word) for word in said.replace(",", "").split() if word.isdigit())
    assert (new + there, there) >= (40, sent)
    assert len(terminal.album.photo_ids()) == 40
    # All has come: the next one asks the album.
    assert list(state.iterdir()) == []


def test_what_cannot_be_sent_is_listed_and_the_rest_is_sent(terminal: Terminal) -> None:
    terminal.sign_in()
    folder = terminal.home / "mixed"
    write_photos(folder, 3, "mixed")
    (folder / "empty.jpg").write_bytes(b"")
    said = terminal.type("upload", "mixed", expect=1)
    assert "3 sent, 0 there already." in said
    assert "1 failed:" in said
    assert "mixed/empty.jpg: The file is empty." in said
    assert "There is no nowhere." in terminal.type("upload", "nowhere", expect=1)


def test_photos_of_one_name_are_all_fetched_and_strangers_files_stay(terminal: Terminal) -> None:
    terminal.sign_in()
    for folder in ("a", "b"):
        write_photos(terminal.home / folder, 1, folder)[0].rename(
            terminal.home / folder / "IMG_1.jpg"
        )
    terminal.type("upload", "a", "b", "--album", "none such", expect=1)
    terminal.album.call("POST", "/albums", {"title": "Two"}, expect=201)
    terminal.type("upload", "a", "b", "--album", "Two")
    out = terminal.home / "out"
    out.mkdir()
    (out / "IMG_1.jpg").write_text("mine")
    assert "2 fetched" in terminal.type("download", "out", "--album", "Two")
    assert (out / "IMG_1.jpg").read_text() == "mine"
    assert {(out / f"IMG_1 ({number}).jpg").read_bytes() for number in (2, 3)} == {
        (terminal.home / folder / "IMG_1.jpg").read_bytes() for folder in ("a", "b")
    }
    assert "0 fetched into out, 2 there already" in terminal.type(
        "download", "out", "--id", *sorted(terminal.album.photo_ids())
    )


def test_a_download_goes_on_and_what_is_damaged_is_not_kept(terminal: Terminal) -> None:
    terminal.sign_in()
    (path,) = write_photos(terminal.home / "one", 1, "resumed")
    terminal.type("upload", "one")
    (photo_id,) = terminal.album.photo_ids()
    out = terminal.home / "out"
    out.mkdir()
    part = out / f".{photo_id}.part"
    part.write_bytes(b"?" * 100)
    assert "What came is not what was uploaded" in terminal.type(
        "download", "out", "--all", expect=1
    )
    assert list(out.iterdir()) == []
    part.write_bytes(path.read_bytes()[:100])
    assert "1 fetched" in terminal.type("download", "out", "--all")
    assert (out / path.name).read_bytes() == path.read_bytes()
    assert not part.exists()


def test_mistakes_are_told_as_a_newcomer_would_read_them(terminal: Terminal) -> None:
    wrong = ("login", terminal.album.url, "-u", terminal.album.username, "--password-stdin")
    said = terminal.type(*wrong, said="wrong\n", expect=1)
    assert said == "shiguang: The user name or the password is wrong.\n"
    nobody = f"http://127.0.0.1:{free_port()}"
    said = terminal.type("login", nobody, "-u", "alice", "--password-stdin", said="x\n", expect=1)
    assert "The album cannot be reached" in said
    storage = terminal.type("login", "ftp://x", expect=1)
    assert "is not the address of an album" in storage
    assert "use --password-stdin" in terminal.type("login", terminal.album.url, expect=1)
    assert "usage: shiguang" in terminal.type(expect=2)
    assert "number from 1 to 500" in terminal.type("search", "x", "-n", "many", expect=2)

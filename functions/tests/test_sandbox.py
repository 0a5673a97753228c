"""Children that crash, hang, starve and run out of memory, and the photos after them."""

import contextlib
import io
import os
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from functions.contract import MAX_UPLOAD_BYTES
from functions.cpu_time import cpu_seconds
from functions.errors import AnalysisError
from functions.inspection import inspect
from functions.sandbox import Sandbox
from functions.sandbox_wire import WireError, receive_answer

PHOTOS = Path(__file__).parent / "photos"
ROCKET = (PHOTOS / "rocket.jpg").read_bytes()
MEMORY = 1_500_000_000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    sandbox = Sandbox(children=1, seconds=20, memory_bytes=MEMORY)
    yield sandbox
    sandbox.close()


def children_of(process: int) -> list[int]:
    """The living sandbox children that any thread of a process has started."""
    started = [
        int(child)
        for thread in Path(f"/proc/{process}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]
    return [child for child in started if b"functions.sandbox_child" in read_proc(child, "cmdline")]


def read_proc(process: int, name: str) -> bytes:
    """Nothing once the process is gone."""
    try:
        return Path(f"/proc/{process}/{name}").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def the_child() -> int:
    # One that has just been started has no command line for a moment.
    deadline = time.monotonic() + 10
    while not (children := children_of(os.getpid())) and time.monotonic() < deadline:
        time.sleep(0.01)
    (child,) = children
    return child


def cpu_ticks(process: int) -> int:
    """Hundredths of a second that a process has worked."""
    user, system = read_proc(process, "stat").rpartition(b")")[2].split()[11:13]
    return int(user) + int(system)


def wait_for_end(process: int) -> None:
    while read_proc(process, "stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"]):
        time.sleep(0.01)


def failure_of(sandbox: Sandbox, data: bytes) -> AnalysisError:
    with pytest.raises(AnalysisError) as caught:
        sandbox.inspect(data)
    return caught.value


def big_png(side: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), (9, 99, 199)).save(file, "PNG", compress_level=1)
    return file.getvalue()


def test_the_sandbox_finds_what_inspection_finds(sandbox: Sandbox) -> None:
    for name in ("rocket.jpg", "chelsea.png"):
        data = (PHOTOS / name).read_bytes()
        inside, outside = sandbox.inspect(data), inspect(data)
        assert inside.findings == outside.findings
        assert inside.renditions == outside.renditions
        assert (inside.pixels == outside.pixels).all()
        assert inside.pixels.dtype == np.uint8


def test_a_failure_comes_back_as_it_was_and_spares_the_child(sandbox: Sandbox) -> None:
    sandbox.inspect(ROCKET)
    child = the_child()
    error = failure_of(sandbox, b"<html></html>")
    assert (error.stage, error.code, error.permanent) == ("decode", "not_an_image", True)
    sandbox.inspect(ROCKET)
    assert the_child() == child


def test_a_child_is_on_no_network_or_the_log_tells(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.inspect(ROCKET)
    # Received and sent bytes by interface; a fresh namespace has an idle loopback and no other.
    interfaces = read_proc(the_child(), "net/dev").decode().splitlines()[2:]
    is_alone = [line.split()[:2] for line in interfaces] == [["lo:", "0"]]
    assert is_alone is ("leave the network" not in caplog.text)


def test_what_a_child_works_counts_as_its_callers_work(sandbox: Sandbox) -> None:
    sandbox.inspect(ROCKET)
    child = the_child()
    theirs, ours, own = cpu_ticks(child), cpu_seconds(), time.thread_time()
    sandbox.inspect(big_png(6000))
    assert failure_of(sandbox, big_png(5000)[:-20_000]).code == "truncated"
    elsewhere = cpu_seconds() - ours - (time.thread_time() - own)
    worked = (cpu_ticks(child) - theirs) / os.sysconf("SC_CLK_TCK")
    assert worked > 0.1  # so that the system's hundredths tell something
    assert elsewhere == pytest.approx(worked, rel=0.2)


def test_what_another_thread_waits_for_is_not_ones_own_work(sandbox: Sandbox) -> None:
    ours, own = cpu_seconds(), time.thread_time()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(sandbox.inspect, ROCKET).result()
    assert cpu_seconds() - ours == pytest.approx(time.thread_time() - own, abs=0.001)


def test_what_is_too_large_is_not_even_sent(sandbox: Sandbox) -> None:
    assert failure_of(sandbox, bytes(MAX_UPLOAD_BYTES + 1)).code == "file_too_large"


def signal_while_decoding(sandbox: Sandbox, number: signal.Signals) -> AnalysisError:
    """What becomes of a photo whose decoder gets a signal half-way."""
    sandbox.inspect(ROCKET)
    child = the_child()
    photo = big_png(9000)  # a second's work, of which a tenth is awaited
    before = cpu_ticks(child)
    with ThreadPoolExecutor(1) as thread:
        failure = thread.submit(failure_of, sandbox, photo)
        while cpu_ticks(child) < before + 10:
            time.sleep(0.01)
        os.kill(child, number)
        return failure.result()


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS])
def test_a_crash_fails_one_photo_and_not_the_next(sandbox: Sandbox, number: signal.Signals) -> None:
    error = signal_while_decoding(sandbox, number)
    assert (error.stage, error.code, error.permanent) == ("sandbox", "decoder_crashed", True)
    assert sandbox.inspect(ROCKET).findings.width == 640


def test_a_child_killed_by_the_system_may_be_tried_again(sandbox: Sandbox) -> None:
    error = signal_while_decoding(sandbox, signal.SIGKILL)
    assert (error.code, error.permanent) == ("out_of_memory", False)
    assert sandbox.inspect(ROCKET).findings.width == 640


def test_a_child_that_died_between_photos_is_replaced_unseen(sandbox: Sandbox) -> None:
    sandbox.inspect(ROCKET)
    child = the_child()
    os.kill(child, signal.SIGKILL)
    wait_for_end(child)
    assert sandbox.inspect(ROCKET).findings.width == 640
    assert the_child() != child


def test_a_decoder_that_needs_too_long_always_will() -> None:
    sandbox = Sandbox(children=1, seconds=0.1, memory_bytes=MEMORY)
    try:
        error = failure_of(sandbox, big_png(8000))
        assert error.code == "decode_timeout"
        assert sandbox.inspect(big_png(8)).findings.width == 8
    finally:
        sandbox.close()


def test_a_decoder_that_gets_no_time_may_be_tried_again() -> None:
    sandbox = Sandbox(children=1, seconds=1, memory_bytes=MEMORY)
    try:
        sandbox.inspect(ROCKET)
        os.kill(the_child(), signal.SIGSTOP)
        error = failure_of(sandbox, ROCKET)
        assert (error.code, error.permanent) == ("decode_timeout", False)
        assert sandbox.inspect(ROCKET).findings.width == 640
    finally:
        sandbox.close()


def test_a_photo_that_needs_too_much_memory_fails_alone() -> None:
    sandbox = Sandbox(children=1, seconds=20, memory_bytes=300_000_000)
    try:
        error = failure_of(sandbox, big_png(8000))
        assert (error.code, error.permanent) == ("out_of_memory", True)
        assert sandbox.inspect(ROCKET).findings.width == 640
    finally:
        sandbox.close()


def test_children_that_cannot_start_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    sandbox = Sandbox(children=1, seconds=20, memory_bytes=MEMORY)
    try:
        for _ in range(2):
            error = failure_of(sandbox, ROCKET)
            assert (error.code, error.permanent) == ("sandbox_unavailable", False)
        monkeypatch.undo()
        with contextlib.suppress(AnalysisError):  # the last child that was started in vain
            sandbox.inspect(ROCKET)
        assert sandbox.inspect(ROCKET).findings.width == 640
    finally:
        sandbox.close()


def test_many_threads_share_few_children() -> None:
    photos = {path.name: path.read_bytes() for path in PHOTOS.glob("*.[pj][np]g")}
    photos["no photo"] = b"<html></html>"
    sandbox = Sandbox(children=2, seconds=20, memory_bytes=MEMORY)

    def width_of(name: str) -> int:
        if name == "no photo":
            return len(failure_of(sandbox, photos[name]).code)
        return sandbox.inspect(photos[name]).findings.width

    names = [*photos] * 5
    try:
        with ThreadPoolExecutor(6) as threads:
            found = list(threads.map(width_of, names))
        assert len(children_of(os.getpid())) == 2
    finally:
        sandbox.close()
    for name, width in zip(names, found, strict=True):
        if name == "no photo":
            assert width == len("not_an_image")
        else:
            with Image.open(io.BytesIO(photos[name])) as image:
                assert width == image.width


def test_a_child_outlives_the_thread_that_made_the_sandbox() -> None:
    made: list[Sandbox] = []
    thread = threading.Thread(
        target=lambda: made.append(Sandbox(children=1, seconds=20, memory_bytes=MEMORY))
    )
    thread.start()
    thread.join()
    try:
        child = the_child()
        assert made[0].inspect(ROCKET).findings.width == 640
        assert the_child() == child
    finally:
        made[0].close()


def test_no_child_is_left_after_closing(sandbox: Sandbox) -> None:
    sandbox.inspect(ROCKET)
    child = the_child()
    sandbox.close()
    assert not Path(f"/proc/{child}").exists()
    assert failure_of(sandbox, ROCKET).code == "sandbox_unavailable"


def test_children_end_with_a_parent_that_is_killed() -> None:
    script = textwrap.dedent(
        f"""
        import time
        from functions.sandbox import Sandbox
        sandbox = Sandbox(children=2, seconds=20, memory_bytes={MEMORY})
        sandbox.inspect(open({str(PHOTOS / "rocket.jpg")!r}, "rb").read())
        print("ready", flush=True)
        time.sleep(60)
        """
    )
    parent = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE)
    with parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"ready\n"
        children = children_of(parent.pid)
        parent.kill()
    assert len(children) == 2
    for child in children:
        wait_for_end(child)


def test_a_child_knows_no_secret_and_holds_no_file(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.close()
    monkeypatch.setenv("DELIVERY_SECRET", "do-not-tell")
    with (PHOTOS / "rocket.jpg").open("rb") as secret_file:
        os.set_inheritable(secret_file.fileno(), True)
        other = Sandbox(children=1, seconds=20, memory_bytes=MEMORY)
        try:
            other.inspect(ROCKET)
            root = Path("/proc", str(the_child()))
            assert b"do-not-tell" not in (root / "environ").read_bytes()
            open_files = {str(link.readlink()) for link in (root / "fd").iterdir()}
            assert {name for name in open_files if not name.startswith("socket:")} == {"/dev/null"}
        finally:
            other.close()


def test_a_child_imports_no_network_and_no_client() -> None:
    script = "import sys, functions.sandbox_child; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )
    modules = set(done.stdout.split())
    assert "functions.inspection" in modules
    assert not modules & {"onnxruntime", "boto3", "celery", "django", "requests", "urllib3"}


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b'{"is_last": false, "failure": {"stage": 1}}',
        *(
            b'{"is_last": false, "failure": {"stage": "a", "code": "b", "detail": "c", '
            b'"permanent": true}, "cpu_seconds": %b}' % number
            for number in (b"-1", b"NaN", b"1e300", b"null")
        ),
        b'{"is_last": false, "findings": {}, "renditions": {}, "shape": [1, 1, 3]}',
        b"\x80\x04\x95",
        b"[" * 100_000,
    ],
)
def test_an_answer_that_makes_no_sense_is_not_believed(head: bytes) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        sender = threading.Thread(
            target=theirs.sendall, args=(struct.pack("<Q", len(head)) + head,)
        )
        sender.start()
        with pytest.raises(WireError):
            receive_answer(ours, deadline=time.monotonic() + 10)
        sender.join()


def test_an_endless_answer_fills_no_memory() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(struct.pack("<Q", 1 << 60))
        with pytest.raises(WireError):
            receive_answer(ours, deadline=time.monotonic() + 10)


@pytest.mark.parametrize("settings", [(0, 1, 1), (1, 0, 1), (1, 1, 0)])
def test_a_sandbox_without_children_time_or_memory_is_refused(
    settings: tuple[int, int, int],
) -> None:
    children, seconds, memory_bytes = settings
    with pytest.raises(ValueError, match="at least one child"):
        Sandbox(children=children, seconds=seconds, memory_bytes=memory_bytes)

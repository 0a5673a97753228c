import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.embedded.errors import StartError
from backend.embedded.process import Program, RunningProgram
from backend.embedded.supervisor import MAX_QUICK_DEATHS, StopRequestedError, Supervisor

STAY = "print('up', flush=True); import time; time.sleep(60)"


def program(tmp_path: Path, code: str, *, name: str = "it", stop_seconds: float = 5.0) -> Program:
    return Program(
        name=name,
        command=[sys.executable, "-c", code],
        environment=dict(os.environ),
        log=tmp_path / f"{name}.log",
        is_ready=lambda running: running.log_says(b"up"),
        stop_seconds=stop_seconds,
    )


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(said: list[str]) -> Supervisor:
    return Supervisor(say=said.append)


def running(supervisor: Supervisor, name: str = "it") -> RunningProgram:
    found = supervisor._watched[name].running
    assert found is not None
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    while not condition():
        time.sleep(0.02)


def test_a_program_that_dies_is_started_again(
    tmp_path: Path, supervisor: Supervisor, said: list[str]
) -> None:
    supervisor.start([program(tmp_path, STAY)])
    supervisor.wait_until_ready(seconds=30)
    first = running(supervisor).process
    first.kill()
    first.wait()
    supervisor._look_after()
    supervisor.wait_until_ready(seconds=30)
    assert running(supervisor).process.pid != first.pid
    assert "it ended (signal SIGKILL)" in said[0]
    supervisor.stop(())


def test_a_program_that_keeps_dying_is_named_with_its_log(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    supervisor.start([program(tmp_path, "raise SystemExit(3)")])
    with pytest.raises(
        StartError, match=rf"it ended {MAX_QUICK_DEATHS} times .*exit code 3.*it\.log"
    ):
        supervisor.wait_until_ready(seconds=60)
    supervisor.stop(())


def test_a_program_that_never_gets_ready_is_named(tmp_path: Path, supervisor: Supervisor) -> None:
    supervisor.start([program(tmp_path, "import time; time.sleep(60)")])
    with pytest.raises(StartError, match="it did not get ready"):
        supervisor.wait_until_ready(seconds=0.2)
    supervisor.stop(())


def test_programs_stop_in_order(tmp_path: Path, supervisor: Supervisor) -> None:
    told = tmp_path / "told"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n"
        "    time.sleep(0.1); open({told!r}, 'a').write({name!r}); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); print('up', flush=True); time.sleep(60)"
    )
    for name in ("store", "work", "web"):
        supervisor.start([program(tmp_path, code.format(told=str(told), name=name), name=name)])
    supervisor.wait_until_ready(seconds=30)
    supervisor.stop((("web",), ("work",)))
    assert told.read_text() == "webworkstore"


def test_a_program_deaf_to_its_signal_is_killed_with_its_children(
    tmp_path: Path, supervisor: Supervisor
) -> None:
    code = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print('up', child.pid, flush=True); time.sleep(60)"
    )
    supervisor.start([program(tmp_path, code, stop_seconds=0.2)])
    supervisor.wait_until_ready(seconds=30)
    child = int((tmp_path / "it.log").read_text().split()[1])
    supervisor.stop(())
    wait_for(lambda: not _is_alive(child))


def test_a_request_to_stop_ends_the_wait(tmp_path: Path, supervisor: Supervisor) -> None:
    with supervisor.handling_signals():
        supervisor.start([program(tmp_path, "import time; time.sleep(60)")])
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(StopRequestedError):
            supervisor.wait_until_ready(seconds=60)
        supervisor.stop(())
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_a_second_request_hurries(tmp_path: Path, supervisor: Supervisor) -> None:
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {STAY}"
    hurry = (
        f"import os, signal, time; time.sleep(0.3); os.kill({os.getpid()}, signal.SIGINT); {STAY}"
    )
    with supervisor.handling_signals():
        # Only a second signal ends the deaf one within an hour.
        supervisor.start([program(tmp_path, deaf, name="deaf", stop_seconds=3600)])
        supervisor.wait_until_ready(seconds=30)
        supervisor.start([program(tmp_path, hurry, name="hurry")])
        supervisor.stop((("deaf",),))


def test_a_command_runs_to_its_end_and_tells_how(tmp_path: Path, supervisor: Supervisor) -> None:
    code = supervisor.run_to_end(
        [sys.executable, "-c", "print('said'); raise SystemExit(4)"],
        environment=dict(os.environ),
        log=tmp_path / "log",
    )
    assert code == 4
    assert (tmp_path / "log").read_text() == "said\n"


def _is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False

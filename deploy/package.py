"""Build what is deployed to AWS into build/lambda: zips, the state machine, the runtime's name.

    python -m deploy.package [--only NAME ...]

A zip holds our source, the locked packages that its functions import, the networks they open,
and bytecode for Lambda's interpreter, which cannot write any itself: so the zips are for the
Python that runs this, on Linux x86_64. No compiler is needed. The same input gives the same zips.
"""

import argparse
import compileall
import importlib.metadata
import json
import platform
import py_compile
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from deploy.lock import locked_closure
from deploy.state_machine import render_state_machine
from functions.networks.manifest import network_entry

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "lambda"
SITE = BUILD / "site"

# Lambda's own limit for a zip and its layers, unzipped.
MAX_BYTES = 250 * 1024**2
# The runtimes of Amazon Linux 2023 have glibc 2.34.
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17")
TASK_ROOT = "/var/task"

# Not run in a function: tests, sources and stubs, other programs' headers.
_LEFT_OUT = re.compile(
    r"(^|/)(tests|__pycache__|include|bin)/"
    r"|\.(pyi|pxd|pyx|c|h|hpp|cpp|exe)$"
    # onnxruntime's tools for making networks
    r"|^onnxruntime/(transformers|quantization|tools|datasets|backend)/"
    # languages that no page of ours is in
    r"|/locale/(?!en/|zh_Hans/)[^/]+/"
)
# The descriptions of services in botocore: 300 of them, of which a function needs one.
_SERVICE = re.compile(r"^(?:botocore|boto3)/data/([^/]+)/")


@dataclass(frozen=True, kw_only=True)
class Package:
    """One zip.

    source:   folders and files of this tree.
    needs:    distributions that its code imports; what those need comes along.
    without:  distributions that come along but are never imported.
    services: what it calls of AWS, in botocore's words.
    networks: names of the manifest.
    """

    source: tuple[str, ...] = ("functions",)
    needs: tuple[str, ...]
    without: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


_LOOKS = ("boto3", "urllib3", "numpy", "pillow", "pillow-heif")
# onnxruntime needs these only to make networks, not to run them.
_NO_MAKING = ("flatbuffers", "protobuf", "packaging")


def _looking(*networks: str, needs: tuple[str, ...] = ()) -> Package:
    return Package(
        needs=(*_LOOKS, "onnxruntime", *needs),
        without=_NO_MAKING,
        services=("s3",),
        networks=networks,
    )


PACKAGES = {
    "courier": Package(needs=("urllib3",)),
    "inspect": Package(needs=_LOOKS, services=("s3",)),
    "faces": _looking("yunet", "sface"),
    "labels": _looking("efficientnet-lite2"),
    "text": _looking("ppocr-v6-small-det", "ppocr-v6-small-rec", needs=("contourpy",)),
    "moderation": _looking("opennsfw"),
    "batch": Package(needs=("boto3",), services=("stepfunctions",)),
    "backend": Package(
        source=("backend", "admin", "functions", "deploy/__init__.py", "deploy/backend.py"),
        needs=(
            *("django", "djangorestframework", "drf-spectacular", "psycopg[binary,pool]"),
            *("pgvector", "celery", "whitenoise", "uuid-utils", "reverse-geocode"),
            *("snowballstemmer", "boto3", "urllib3", "mangum", "numpy"),
        ),
        # For people at a terminal.
        without=("click-repl",),
        services=("s3", "sqs"),
    ),
}


class PackageError(Exception):
    """The text says what could not be built and why."""


def build(names: Iterable[str]) -> dict[str, Path]:
    """The zips of that name, and what serverless.yml includes besides, are in build/lambda."""
    BUILD.mkdir(parents=True, exist_ok=True)
    wanted = list(names)
    # Not .json, which osls would read and leave the nulls out of, and a null ResultPath says a lot.
    write_json(BUILD / "state_machine.asl", render_state_machine())
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    write_json(BUILD / "runtime.json", {"runtime": f"python{version}"})
    closures = {name: closure_of(package) for name, package in PACKAGES.items()}
    # Always all of them, so that building one zip and then another installs nothing anew.
    install_locked(sorted({line for lines in closures.values() for line in lines.values()}))
    return {name: write_zip(name, closures[name]) for name in wanted}


def closure_of(package: Package) -> dict[str, str]:
    """Distribution -> its lines in the lock, of all that the package needs."""
    return locked_closure(
        (ROOT / "requirements.txt").read_text(), needs=package.needs, without=package.without
    )


def install_locked(requirements: Sequence[str]) -> None:
    """The site folder holds exactly these distributions, with bytecode. Raises PackageError."""
    wanted = "\n".join(requirements) + f"\n# {platform.python_version()}\n"
    stamp = BUILD / "site.txt"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    shutil.rmtree(SITE, ignore_errors=True)
    listing = BUILD / "requirements.txt"
    listing.write_text(wanted)
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
    command += ["--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"]
    command += [f"--platform={each}_x86_64" for each in PLATFORMS]
    command += ["--target", str(SITE), "--requirement", str(listing)]
    if subprocess.run(command, check=False).returncode != 0:
        raise PackageError("pip could not bring the packages; its last lines say why")
    _compile(SITE)
    stamp.write_text(wanted)


def write_zip(name: str, closure: dict[str, str]) -> Path:
    """Raises PackageError if what is in it would not fit into Lambda."""
    package = PACKAGES[name]
    path = BUILD / f"{name}.zip"
    files = dict(sorted(_files(package, closure)))
    size = sum(file.stat().st_size for file in files.values())
    if size > MAX_BYTES:
        raise PackageError(f"{name}: {size / 1e6:.0f} MB unzipped; Lambda takes {MAX_BYTES / 1e6}")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, file in files.items():
            # One date for all: the same input gives the same zip, and nothing is deployed anew.
            entry = zipfile.ZipInfo(inside, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
    return path


def _files(package: Package, closure: dict[str, str]) -> Iterator[tuple[str, Path]]:
    """Name in the zip -> file."""
    yield from _source_files(package.source)
    for distribution in importlib.metadata.distributions(path=[str(SITE)]):
        if _normal(distribution.metadata["Name"]) in closure:
            yield from _distribution_files(distribution, package.services)
    for name in package.networks:
        entry = network_entry(name)
        yield f"networks/{entry.file}", entry.path()
    if "backend" in package.source:
        yield from _static_files()


def _distribution_files(
    distribution: importlib.metadata.Distribution, services: tuple[str, ...]
) -> Iterator[tuple[str, Path]]:
    for file in distribution.files or ():
        inside = str(file)
        service = _SERVICE.match(inside)
        path = SITE / inside
        if _LEFT_OUT.search(inside) or inside.startswith("..") or not path.is_file():
            continue
        if service and service[1] not in services:
            continue
        yield inside, path
        if path.suffix == ".py":
            yield from _bytecode(inside, SITE)


def _source_files(rooms: Iterable[str]) -> Iterator[tuple[str, Path]]:
    """Our own source with its bytecode, without tests."""
    copy = BUILD / "source"
    for room in rooms:
        target = copy / room
        if (ROOT / room).is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(ROOT / room, target, ignore=shutil.ignore_patterns("tests", "__pyc*"))
            _compile(target, below=room)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / room, target)
        for path in target.rglob("*") if target.is_dir() else [target]:
            if path.is_file():
                yield str(path.relative_to(copy)), path


def _static_files() -> Iterator[tuple[str, Path]]:
    """The back-office's style sheets and scripts, as WhiteNoise serves them."""
    folder = BUILD / "data"
    # Nothing of these is used by collectstatic but that they are set.
    unused = {"SECRET_KEY": "unused", "DATABASE_URL": "postgresql://unused/unused"}
    unused |= {"S3_BUCKET": "unused", "DELIVERY_SECRET": "unused", "WEBHOOK_TOKEN": "unused"}
    environment = {**unused, "BROKER_URL": "memory://", "DATA_DIR": str(folder)}
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity=0"]
    shutil.rmtree(folder, ignore_errors=True)
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode != 0:
        raise PackageError("static files could not be collected")
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(Path("data") / path.relative_to(folder)), path


def _compile(folder: Path, *, below: str = "") -> None:
    """Bytecode beside each source file, which is never compared with its source."""
    done = compileall.compile_dir(
        folder,
        quiet=2,
        workers=1,
        stripdir=str(folder),
        prependdir=f"{TASK_ROOT}/{below}".rstrip("/"),
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )
    if not done and below:  # packages hold templates that are no Python
        raise PackageError(f"{folder} does not compile")


def _bytecode(inside: str, folder: Path) -> Iterator[tuple[str, Path]]:
    source = Path(inside)
    name = f"{source.stem}.{sys.implementation.cache_tag}.pyc"
    compiled = source.parent / "__pycache__" / name
    if (folder / compiled).is_file():
        yield str(compiled), folder / compiled


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1, sort_keys=True) + "\n")


def print_sizes(paths: dict[str, Path]) -> None:
    print(f"{'zip':12} {'MB zipped':>10} {'unzipped':>9}   limit {MAX_BYTES / 1e6:.0f}")
    for name, path in paths.items():
        with zipfile.ZipFile(path) as archive:
            unzipped = sum(entry.file_size for entry in archive.infolist())
        print(f"{name:12} {path.stat().st_size / 1e6:10.1f} {unzipped / 1e6:9.1f}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.package", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(PACKAGES), metavar="NAME")
    options = parser.parse_args()
    try:
        print_sizes(build(options.only or PACKAGES))
    except PackageError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

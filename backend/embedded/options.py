"""What the user chose for this album, read from the environment once and loudly."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.embedded.env_file import DEFAULT_DATA_DIR
from backend.embedded.errors import StartError

_LOOPBACK = "127.0.0.1"
_OWN_STORAGE = ("S3_ENDPOINT_URL", "S3_BUCKET", "S3_ACCESS_KEY_ID")


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Where an object storage is, and the keys to it."""

    endpoint_url: str  # "": AWS's own
    public_endpoint_url: str  # where clients reach it
    access_key_id: str
    secret_access_key: str
    functions_access_key_id: str
    functions_secret_access_key: str
    region: str
    bucket: str


@dataclass(frozen=True, kw_only=True)
class Options:
    host: str  # an address of this machine; 127.0.0.1 lets nobody else in
    port: int
    data_dir: Path
    admin_username: str
    admin_password: str | None  # None: make one up
    database_url: str | None  # None: the embedded Postgres
    broker_url: str | None  # None: the embedded Valkey
    storage: Storage | None  # None: the embedded SeaweedFS
    functions_threads: int  # photos worked on at once
    stop_with_parent: bool  # `make` sets it, so that killing make leaves nothing

    @property
    def open_to_network(self) -> bool:
        return not ipaddress.ip_address(self.host).is_loopback


def read_options(environ: Mapping[str, str], *, folder: Path) -> Options:
    """A DATA_DIR that is not absolute is below the folder.

    Raises StartError naming the setting that is wrong.
    """
    return Options(
        host=_host(environ),
        port=_number(environ, "PORT", default=8000, highest=65535),
        data_dir=(
            folder / Path(environ.get("DATA_DIR") or DEFAULT_DATA_DIR).expanduser()
        ).resolve(),
        admin_username=_admin_username(environ),
        admin_password=environ.get("ADMIN_PASSWORD") or None,
        database_url=_database_url(environ),
        broker_url=environ.get("BROKER_URL") or None,
        storage=_storage(environ),
        functions_threads=_number(environ, "FUNCTIONS_THREADS", default=2, highest=64),
        stop_with_parent=environ.get("STOP_WITH_PARENT") == "1",
    )


def url_host(host: str) -> str:
    """The address as a URL writes it: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def web_url(options: Options) -> str:
    return f"http://{url_host(options.host)}:{options.port}"


def _host(environ: Mapping[str, str]) -> str:
    text = (environ.get("HOST") or _LOOPBACK).strip()
    if text == "localhost":
        return _LOOPBACK
    try:
        address = ipaddress.ip_address(text)
    except ValueError as error:
        raise StartError(f"HOST must be an IP address of this machine, not {text!r}.") from error
    if address.is_unspecified:
        raise StartError(
            f"HOST={text} is no address that a phone could open. Name this machine's own address "
            f"on the network, such as HOST=192.168.1.20."
        )
    return str(address)


def _number(environ: Mapping[str, str], name: str, *, default: int, highest: int) -> int:
    text = environ.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 1 <= int(text) <= highest:
        raise StartError(f"{name} must be a number from 1 to {highest}, not {text!r}.")
    return int(text)


def _admin_username(environ: Mapping[str, str]) -> str:
    name = environ.get("ADMIN_USERNAME") or "admin"
    if not re.fullmatch(r"[\w.@+-]{1,150}", name):
        raise StartError(f"ADMIN_USERNAME may hold letters, digits and @.+-_ only, not {name!r}.")
    return name


def _database_url(environ: Mapping[str, str]) -> str | None:
    url = environ.get("DATABASE_URL") or None
    if url and not re.match(r"postgres(ql)?://", url):
        raise StartError(
            "DATABASE_URL must begin with postgresql://, as Postgres is the only database."
        )
    return url


def _storage(environ: Mapping[str, str]) -> Storage | None:
    if not any(environ.get(name) for name in _OWN_STORAGE):
        return None

    def required(name: str) -> str:
        if value := environ.get(name):
            return value
        raise StartError(
            f"{name} is not set. Your own object storage needs S3_BUCKET, S3_ACCESS_KEY_ID and "
            f"S3_SECRET_ACCESS_KEY, and S3_ENDPOINT_URL unless it is AWS's."
        )

    key, secret = required("S3_ACCESS_KEY_ID"), required("S3_SECRET_ACCESS_KEY")
    endpoint_url = environ.get("S3_ENDPOINT_URL", "")
    return Storage(
        endpoint_url=endpoint_url,
        public_endpoint_url=environ.get("S3_PUBLIC_ENDPOINT_URL") or endpoint_url,
        access_key_id=key,
        secret_access_key=secret,
        functions_access_key_id=environ.get("FUNCTIONS_S3_ACCESS_KEY_ID") or key,
        functions_secret_access_key=environ.get("FUNCTIONS_S3_SECRET_ACCESS_KEY") or secret,
        region=environ.get("S3_REGION") or "us-east-1",
        bucket=required("S3_BUCKET"),
    )

"""What a function is told by its environment, read once and loudly."""

import functools
import os
from dataclasses import dataclass
from pathlib import Path


class ConfigError(Exception):
    """A setting is missing or wrong; the text names it and says what to do."""


@dataclass(frozen=True, kw_only=True)
class Config:
    broker_url: str
    s3_endpoint_url: str | None  # None: AWS's own
    s3_access_key_id: str | None  # None: the machine's role
    s3_secret_access_key: str | None
    s3_region: str
    s3_bucket: str
    backend_url: str  # where results go, such as http://127.0.0.1:8000
    delivery_secret: str
    networks_dir: Path  # where fetch.py put the networks
    threads: int  # photos worked on at once in one worker
    # Where the worker takes invocations (see functions.invocation); None: nowhere.
    listen: tuple[str, int] | None


def networks_dir() -> Path:
    """Where fetched networks live: NETWORKS_DIR, else the user's cache folder."""
    if path := os.environ.get("NETWORKS_DIR"):
        return Path(path).expanduser()
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "shiguang" / "networks"


@functools.cache
def config() -> Config:
    """Raises ConfigError naming the first setting that is missing."""

    def required(name: str) -> str:
        value = os.environ.get(name)
        if not value:
            raise ConfigError(
                f"{name} is not set; functions cannot start without it (see .env.example)"
            )
        return value

    return Config(
        broker_url=os.environ.get("BROKER_URL", ""),
        s3_endpoint_url=os.environ.get("S3_ENDPOINT_URL") or None,
        s3_access_key_id=os.environ.get("FUNCTIONS_S3_ACCESS_KEY_ID") or None,
        s3_secret_access_key=os.environ.get("FUNCTIONS_S3_SECRET_ACCESS_KEY") or None,
        s3_region=os.environ.get("S3_REGION", "us-east-1"),
        s3_bucket=required("S3_BUCKET"),
        backend_url=required("BACKEND_URL").rstrip("/"),
        delivery_secret=required("DELIVERY_SECRET"),
        networks_dir=networks_dir(),
        threads=int(os.environ.get("FUNCTIONS_THREADS", "2")),
        listen=_address(os.environ.get("FUNCTIONS_LISTEN", "")),
    )


def _address(text: str) -> tuple[str, int] | None:
    """ "127.0.0.1:8100" as a socket takes it; None for nothing. Raises ConfigError."""
    if not text:
        return None
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ConfigError(f"FUNCTIONS_LISTEN must be an address and a port, not {text!r}")
    return host, int(port)

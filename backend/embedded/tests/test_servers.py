"""The embedded servers themselves: real Postgres, Valkey and SeaweedFS."""

import signal
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import psycopg
import pytest
import redis
from botocore.exceptions import ClientError

from backend.embedded import postgres
from backend.embedded.certificate import keep_certificate
from backend.embedded.data_dir import prepare_data_dir
from backend.embedded.env_file import read_env_file
from backend.embedded.errors import StartError
from backend.embedded.leftovers import end_leftovers
from backend.embedded.options import Storage, read_options
from backend.embedded.own_secrets import keep_secrets
from backend.embedded.process import MARK
from backend.embedded.servers import Servers, set_up_servers
from backend.embedded.supervisor import Supervisor
from backend.embedded.tests.listening import listening_addresses, processes_of

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ENVIRON = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


@contextmanager
def running_servers(data_dir: Path) -> Iterator[tuple[Supervisor, Servers]]:
    prepare_data_dir(data_dir)
    supervisor = Supervisor(say=lambda _text: None)
    try:
        programs, servers = set_up_servers(
            read_options({"DATA_DIR": str(data_dir)}, folder=data_dir),
            secrets=keep_secrets(data_dir / "secrets.env", first={}),
            environ=ENVIRON,
            webhook_url=None,
            say=lambda _text: None,
        )
        supervisor.start(programs)
        supervisor.wait_until_ready(seconds=60)
        yield supervisor, servers
    finally:
        supervisor.stop(())


def client(storage: Storage, *, functions: bool = False) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=storage.endpoint_url,
        region_name=storage.region,
        aws_access_key_id=storage.functions_access_key_id if functions else storage.access_key_id,
        aws_secret_access_key=(
            storage.functions_secret_access_key if functions else storage.secret_access_key
        ),
    )


def keep_something(servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("create table kept as select 'kept' as word")
    redis.Redis.from_url(servers.broker_url).set("kept", "kept")
    s3 = client(servers.storage)
    s3.create_bucket(Bucket="photos")
    s3.put_object(Bucket="photos", Key="originals/kept", Body=b"kept" * 100_000)


def assert_it_is_kept(servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        assert connection.execute("select word from kept").fetchall() == [("kept",)]
    assert redis.Redis.from_url(servers.broker_url).get("kept") == b"kept"
    answer = client(servers.storage).get_object(Bucket="photos", Key="originals/kept")
    assert answer["Body"].read() == b"kept" * 100_000


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    with running_servers(tmp_path_factory.mktemp("album")) as (_, servers):
        keep_something(servers)
        yield servers


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_what_was_stored_outlives_a_stop(tmp_path: Path) -> None:
    with running_servers(tmp_path) as (_, servers):
        keep_something(servers)
    assert processes_of(f"{MARK}={tmp_path}") == set()
    with running_servers(tmp_path) as (_, servers):
        assert_it_is_kept(servers)


def test_what_was_stored_outlives_a_kill_of_everything(tmp_path: Path) -> None:
    with running_servers(tmp_path) as (supervisor, servers):
        keep_something(servers)
        # Valkey writes its file once a second.
        redis.Redis.from_url(servers.broker_url).execute_command(  # type: ignore[no-untyped-call]
            "WAITAOF", 1, 0, 5000
        )
        for watched in supervisor._watched.values():
            assert watched.running is not None
            watched.running.process.send_signal(signal.SIGKILL)
    end_leftovers(tmp_path)
    with running_servers(tmp_path) as (_, servers):
        assert_it_is_kept(servers)


def test_nothing_listens_beyond_this_machine(tmp_path: Path) -> None:
    with running_servers(tmp_path):
        found = listening_addresses(processes_of(f"{MARK}={tmp_path}"))
    assert {address for address, _ in found} == {"127.0.0.1"}
    known = {name: int(port) for name, port in read_env_file(tmp_path / "ports.env").items()}
    ports = {port for _, port in found}
    # The last of SeaweedFS's servers open theirs when it is already in use.
    assert {known["postgres"], known["valkey"], known["s3"]} <= ports <= set(known.values())


def test_a_wrong_password_does_not_open_the_database(servers: Servers) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(servers.database_url.replace("postgres:", "postgres:x", 1))


def test_without_its_password_the_broker_answers_nothing(servers: Servers) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(port=int(servers.broker_url.split(":")[-1].split("/")[0])).get("kept")


def test_the_database_knows_vectors_and_unicode(servers: Servers) -> None:
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("create extension vector")
        row = connection.execute(
            "select '[1,2]'::halfvec(2) <=> '[1,2]', lower('ÄÖÜ拾')"
        ).fetchone()
        assert row == (0.0, "äöü拾")
        connection.rollback()


def test_storage_gives_nothing_to_strangers(servers: Servers) -> None:
    # None of its ports serves an object, nor tells of one, without a signature.
    ports = {port for _, port in _storage_ports(servers)}
    paths = ("/photos/originals/kept", "/buckets/photos/originals/kept", "/dir/assign", "/1,01")
    for port in ports:
        for path in paths:
            try:
                assert status(f"http://127.0.0.1:{port}{path}") in (400, 401, 403, 404, 405)
            except (OSError, ValueError):  # a gRPC port does not speak HTTP/1
                continue


def test_only_the_certificate_opens_the_inner_ports_of_the_storage(tmp_path: Path) -> None:
    with running_servers(tmp_path):
        ports = read_env_file(tmp_path / "ports.env")
        inner = [int(port) for name, port in ports.items() if name.endswith("_grpc")]
        assert len(inner) == 5
        certificate = tmp_path / "storage" / "settings" / "grpc.pem"
        for port in inner:
            assert is_served(port, ssl_context(certificate))
            assert not is_served(port, ssl_context(None))
            assert not is_served(port, None)


def test_a_broken_certificate_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "grpc.pem"
    keep_certificate(path)
    first = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    keep_certificate(path)
    assert path.read_bytes() == first
    path.write_bytes(first[: len(first) // 2])
    keep_certificate(path)
    ssl_context(path)
    assert path.read_bytes() != first


def ssl_context(certificate: Path | None) -> ssl.SSLContext:
    """One that believes every server, and shows the certificate if there is one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    if certificate:
        context.load_cert_chain(certificate)
    return context


def is_served(port: int, context: ssl.SSLContext | None) -> bool:
    """True if a gRPC server greets with the settings of HTTP/2."""
    plain = socket.create_connection(("127.0.0.1", port), timeout=20)
    try:
        with context.wrap_socket(plain) if context else plain as connection:
            connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\4" + bytes(5))
            head = connection.recv(9)
    except (ssl.SSLError, ConnectionError):
        return False
    return len(head) == 9 and head[3] == 4


def _storage_ports(servers: Servers) -> set[tuple[str, int]]:
    port = int(servers.storage.endpoint_url.rpartition(":")[2])
    for process in (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()):
        found = listening_addresses([process])
        if ("127.0.0.1", port) in found:
            return found
    raise AssertionError("nobody listens on the S3 port")


@pytest.mark.parametrize(
    "refused",
    [
        lambda s3: s3.put_object(Bucket="photos", Key="originals/kept", Body=b"x"),
        lambda s3: s3.delete_object(Bucket="photos", Key="originals/kept"),
        lambda s3: s3.list_objects_v2(Bucket="photos"),
        lambda s3: s3.create_bucket(Bucket="other"),
    ],
)
def test_the_functions_keys_do_no_more_than_they_need(
    servers: Servers, refused: Callable[["S3Client"], object]
) -> None:
    s3 = client(servers.storage, functions=True)
    assert s3.get_object(Bucket="photos", Key="originals/kept")["ContentLength"] == 400_000
    s3.put_object(Bucket="photos", Key="renditions/a/thumbnail.jpg", Body=b"x")
    with pytest.raises(ClientError, match="AccessDenied"):
        refused(s3)


def test_a_half_made_cluster_is_made_anew(tmp_path: Path) -> None:
    home = postgres.find_home(tmp_path)
    half = home.data.with_name(f"{home.data.name}.new")
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    with running_servers(tmp_path) as (_, servers):
        keep_something(servers)
    assert not half.exists()


def test_a_lock_whose_number_another_program_has_now_is_no_hindrance(tmp_path: Path) -> None:
    with running_servers(tmp_path):
        lock = (tmp_path / "postgres" / "postmaster.pid").read_text().split("\n")
    lock[0] = "1"
    (tmp_path / "postgres" / "postmaster.pid").write_text("\n".join(lock))
    with running_servers(tmp_path) as (_, servers):
        keep_something(servers)


def test_a_cluster_of_another_release_is_told(tmp_path: Path) -> None:
    home = postgres.find_home(tmp_path)
    home.data.mkdir(parents=True)
    (home.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(StartError, match="made by Postgres 17, but this is Postgres 18"):
        postgres.prepare_postgres(home, password="x")

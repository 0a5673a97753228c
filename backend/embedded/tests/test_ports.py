import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.embedded.errors import StartError
from backend.embedded.ports import check_web_port, choose_ports, is_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_ports_are_remembered(tmp_path: Path) -> None:
    path = tmp_path / "ports.env"
    first = choose_ports(path, ("a", "b"), companions={})
    assert len(set(first.values())) == 2
    assert choose_ports(path, ("a", "b"), companions={}) == first


def test_a_port_that_is_taken_now_is_chosen_anew(tmp_path: Path) -> None:
    path = tmp_path / "ports.env"
    first = choose_ports(path, ("a", "b"), companions={})
    with socket.create_server(("127.0.0.1", first["a"])):
        second = choose_ports(path, ("a", "b"), companions={})
    assert second["a"] != first["a"]
    assert second["b"] == first["b"]


def test_a_second_port_lies_as_far_off_as_asked_and_is_free_too(tmp_path: Path) -> None:
    path = tmp_path / "ports.env"
    companions = {"admin": ("admin_grpc", 10000)}
    first = choose_ports(path, ("admin",), companions=companions)
    assert first["admin_grpc"] == first["admin"] + 10000
    with socket.create_server(("127.0.0.1", first["admin_grpc"])):
        assert choose_ports(path, ("admin",), companions=companions)["admin"] != first["admin"]


def test_nonsense_in_the_file_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ports.env"
    path.write_text("a=22\nb=x\nc=99999999999\n")
    ports = choose_ports(path, ("a", "b", "c"), companions={})
    assert all(20000 <= port < 32000 for port in ports.values())


def test_a_taken_port_is_not_free(taken: int) -> None:
    assert not is_free(taken)


def test_a_taken_web_port_is_told_with_another_to_choose(taken: int) -> None:
    with pytest.raises(StartError, match=rf"Port {taken} .* make up PORT=\d+"):
        check_web_port("127.0.0.1", taken)


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(StartError, match=r"HOST=203\.0\.113\.9 is not an address of this machine"):
        check_web_port("203.0.113.9", 8000)

from pathlib import Path

import pytest

from backend.embedded.errors import StartError
from backend.embedded.options import Options, read_options, url_host, web_url


def read(**environ: str) -> Options:
    return read_options(environ, folder=Path("/album"))


def test_nothing_set_is_an_album_for_this_machine_alone() -> None:
    options = read()
    assert web_url(options) == "http://127.0.0.1:8000"
    assert not options.open_to_network
    assert options.data_dir == Path("/album/.data")
    assert (options.database_url, options.broker_url, options.storage) == (None, None, None)
    assert options.admin_password is None


def test_a_data_dir_that_is_not_absolute_is_below_the_folder() -> None:
    assert read(DATA_DIR="other").data_dir == Path("/album/other")
    assert read(DATA_DIR="/srv/album").data_dir == Path("/srv/album")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80a"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "８０"),
        ("HOST", "my-laptop"),
        ("HOST", "0.0.0.0"),
        ("HOST", "::"),
        ("FUNCTIONS_THREADS", "0"),
        ("ADMIN_USERNAME", "a b"),
        ("DATABASE_URL", "mysql://here"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str) -> None:
    with pytest.raises(StartError, match=name):
        read(**{name: value})


def test_an_address_of_the_network_opens_the_album_to_it() -> None:
    assert read(HOST="192.168.1.20").open_to_network
    assert not read(HOST="localhost").open_to_network
    assert not read(HOST="::1").open_to_network


def test_an_ipv6_address_stands_in_brackets_in_a_url() -> None:
    assert url_host("::1") == "[::1]"
    assert web_url(read(HOST="fd00::1", PORT="81")) == "http://[fd00::1]:81"


def test_own_storage_needs_its_keys() -> None:
    with pytest.raises(StartError, match="S3_SECRET_ACCESS_KEY"):
        read(S3_ENDPOINT_URL="https://s3.example.org", S3_BUCKET="photos", S3_ACCESS_KEY_ID="a")


def test_functions_use_the_keys_of_own_storage_unless_they_have_their_own() -> None:
    own = {"S3_BUCKET": "b", "S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "secret"}
    storage = read(**own).storage
    assert storage is not None
    assert storage.functions_access_key_id == "key"
    assert storage.endpoint_url == ""
    storage = read(**own, FUNCTIONS_S3_ACCESS_KEY_ID="less").storage
    assert storage is not None
    assert storage.functions_access_key_id == "less"

import pytest

from shiguang.errors import ShiguangError
from shiguang.session import clean_url, is_in_the_clear


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("192.168.1.20:8000", "http://192.168.1.20:8000"),
        ("https://photos.example.com/api/v1/", "https://photos.example.com"),
    ],
)
def test_an_address_is_understood_however_it_is_typed(typed: str, url: str) -> None:
    assert clean_url(typed) == url


@pytest.mark.parametrize("typed", ["ftp://x", "http://", "https://name:password@host", ""])
def test_what_is_no_address_is_refused(typed: str) -> None:
    with pytest.raises(ShiguangError, match="is not the address of an album"):
        clean_url(typed)


def test_only_this_machine_and_https_keep_a_password_to_themselves() -> None:
    assert is_in_the_clear("http://192.168.1.20:8000")
    assert not is_in_the_clear("http://127.0.0.1:8000")
    assert not is_in_the_clear("https://photos.example.com")

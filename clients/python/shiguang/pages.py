"""Lists come in pages."""

from collections.abc import Callable, Iterator
from typing import Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

from shiguang_client.types import UNSET, Unset


class _Page(Protocol):
    @property
    def next_(self) -> str | None: ...


P = TypeVar("P", bound=_Page)


def pages_of(ask: Callable[[str | Unset], P]) -> Iterator[P]:
    """Every page, each asked for when it is wanted."""
    cursor: str | Unset = UNSET
    while True:
        page = ask(cursor)
        yield page
        if page.next_ is None:
            return
        cursor = parse_qs(urlsplit(page.next_).query)["cursor"][0]

"""Albums, by their titles."""

from uuid import UUID

from shiguang_client import AuthenticatedClient
from shiguang_client.api.albums import list_albums

from shiguang.errors import ShiguangError, answer_of
from shiguang.pages import pages_of


def find_album(client: AuthenticatedClient, name: str) -> UUID:
    """The album with this id or title. Raises ShiguangError if there is none, or more than one."""
    try:
        return UUID(name)
    except ValueError:
        pass
    found = [
        album.id
        for page in pages_of(
            lambda cursor: answer_of(
                lambda: list_albums.sync_detailed(client=client, cursor=cursor, page_size=500)
            )
        )
        for album in page.results
        if album.title == name
    ]
    if len(found) != 1:
        many = "no album" if not found else f"{len(found)} albums"
        raise ShiguangError(f"There is {many} with the title {name}.")
    return found[0]

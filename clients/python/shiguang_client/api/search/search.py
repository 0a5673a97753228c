from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.search import Search
from ...models.search_status import SearchStatus
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    album: UUID | Unset = UNSET,
    archived: bool | Unset = UNSET,
    bbox: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    favorite: bool | Unset = UNSET,
    from_: str | Unset = UNSET,
    has_text: bool | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    page_size: int | Unset = UNSET,
    person: list[UUID] | Unset = UNSET,
    place: str | Unset = UNSET,
    q: str | Unset = UNSET,
    status: SearchStatus | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    to: str | Unset = UNSET,
    trashed: bool | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    json_album: str | Unset = UNSET
    if not isinstance(album, Unset):
        json_album = str(album)
    params["album"] = json_album

    params["archived"] = archived

    params["bbox"] = bbox

    params["cursor"] = cursor

    params["favorite"] = favorite

    params["from"] = from_

    params["has_text"] = has_text

    json_label: list[str] | Unset = UNSET
    if not isinstance(label, Unset):
        json_label = label

    params["label"] = json_label

    params["page_size"] = page_size

    json_person: list[str] | Unset = UNSET
    if not isinstance(person, Unset):
        json_person = []
        for person_item_data in person:
            person_item = str(person_item_data)
            json_person.append(person_item)

    params["person"] = json_person

    params["place"] = place

    params["q"] = q

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    json_tag: list[str] | Unset = UNSET
    if not isinstance(tag, Unset):
        json_tag = tag

    params["tag"] = json_tag

    params["to"] = to

    params["trashed"] = trashed

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/search",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | Search | None:
    if response.status_code == 200:
        response_200 = Search.from_dict(response.json())

        return response_200

    if 400 <= response.status_code <= 499:
        response_4xx = Problem.from_dict(response.json())

        return response_4xx

    if 500 <= response.status_code <= 599:
        response_5xx = Problem.from_dict(response.json())

        return response_5xx

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[Problem | Search]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    album: UUID | Unset = UNSET,
    archived: bool | Unset = UNSET,
    bbox: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    favorite: bool | Unset = UNSET,
    from_: str | Unset = UNSET,
    has_text: bool | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    page_size: int | Unset = UNSET,
    person: list[UUID] | Unset = UNSET,
    place: str | Unset = UNSET,
    q: str | Unset = UNSET,
    status: SearchStatus | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    to: str | Unset = UNSET,
    trashed: bool | Unset = UNSET,
) -> Response[Problem | Search]:
    """The photos that answer the query, best first, each with the reasons.

     People, places, dates, things, favourites and text are recognised, and what is not
    wanted (without Bob, 没有猫); `parsed` says as what. Other words must all be found; if no
    photo has them all, some will do. Of more than 500 photos the newest are ranked.

    Args:
        album (UUID | Unset):
        archived (bool | Unset):
        bbox (str | Unset):
        cursor (str | Unset):
        favorite (bool | Unset):
        from_ (str | Unset):
        has_text (bool | Unset):
        label (list[str] | Unset):
        page_size (int | Unset):
        person (list[UUID] | Unset):
        place (str | Unset):
        q (str | Unset):
        status (SearchStatus | Unset):
        tag (list[str] | Unset):
        to (str | Unset):
        trashed (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Search]
    """

    kwargs = _get_kwargs(
        album=album,
        archived=archived,
        bbox=bbox,
        cursor=cursor,
        favorite=favorite,
        from_=from_,
        has_text=has_text,
        label=label,
        page_size=page_size,
        person=person,
        place=place,
        q=q,
        status=status,
        tag=tag,
        to=to,
        trashed=trashed,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    album: UUID | Unset = UNSET,
    archived: bool | Unset = UNSET,
    bbox: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    favorite: bool | Unset = UNSET,
    from_: str | Unset = UNSET,
    has_text: bool | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    page_size: int | Unset = UNSET,
    person: list[UUID] | Unset = UNSET,
    place: str | Unset = UNSET,
    q: str | Unset = UNSET,
    status: SearchStatus | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    to: str | Unset = UNSET,
    trashed: bool | Unset = UNSET,
) -> Problem | Search | None:
    """The photos that answer the query, best first, each with the reasons.

     People, places, dates, things, favourites and text are recognised, and what is not
    wanted (without Bob, 没有猫); `parsed` says as what. Other words must all be found; if no
    photo has them all, some will do. Of more than 500 photos the newest are ranked.

    Args:
        album (UUID | Unset):
        archived (bool | Unset):
        bbox (str | Unset):
        cursor (str | Unset):
        favorite (bool | Unset):
        from_ (str | Unset):
        has_text (bool | Unset):
        label (list[str] | Unset):
        page_size (int | Unset):
        person (list[UUID] | Unset):
        place (str | Unset):
        q (str | Unset):
        status (SearchStatus | Unset):
        tag (list[str] | Unset):
        to (str | Unset):
        trashed (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Search
    """

    return sync_detailed(
        client=client,
        album=album,
        archived=archived,
        bbox=bbox,
        cursor=cursor,
        favorite=favorite,
        from_=from_,
        has_text=has_text,
        label=label,
        page_size=page_size,
        person=person,
        place=place,
        q=q,
        status=status,
        tag=tag,
        to=to,
        trashed=trashed,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    album: UUID | Unset = UNSET,
    archived: bool | Unset = UNSET,
    bbox: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    favorite: bool | Unset = UNSET,
    from_: str | Unset = UNSET,
    has_text: bool | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    page_size: int | Unset = UNSET,
    person: list[UUID] | Unset = UNSET,
    place: str | Unset = UNSET,
    q: str | Unset = UNSET,
    status: SearchStatus | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    to: str | Unset = UNSET,
    trashed: bool | Unset = UNSET,
) -> Response[Problem | Search]:
    """The photos that answer the query, best first, each with the reasons.

     People, places, dates, things, favourites and text are recognised, and what is not
    wanted (without Bob, 没有猫); `parsed` says as what. Other words must all be found; if no
    photo has them all, some will do. Of more than 500 photos the newest are ranked.

    Args:
        album (UUID | Unset):
        archived (bool | Unset):
        bbox (str | Unset):
        cursor (str | Unset):
        favorite (bool | Unset):
        from_ (str | Unset):
        has_text (bool | Unset):
        label (list[str] | Unset):
        page_size (int | Unset):
        person (list[UUID] | Unset):
        place (str | Unset):
        q (str | Unset):
        status (SearchStatus | Unset):
        tag (list[str] | Unset):
        to (str | Unset):
        trashed (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Search]
    """

    kwargs = _get_kwargs(
        album=album,
        archived=archived,
        bbox=bbox,
        cursor=cursor,
        favorite=favorite,
        from_=from_,
        has_text=has_text,
        label=label,
        page_size=page_size,
        person=person,
        place=place,
        q=q,
        status=status,
        tag=tag,
        to=to,
        trashed=trashed,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    album: UUID | Unset = UNSET,
    archived: bool | Unset = UNSET,
    bbox: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    favorite: bool | Unset = UNSET,
    from_: str | Unset = UNSET,
    has_text: bool | Unset = UNSET,
    label: list[str] | Unset = UNSET,
    page_size: int | Unset = UNSET,
    person: list[UUID] | Unset = UNSET,
    place: str | Unset = UNSET,
    q: str | Unset = UNSET,
    status: SearchStatus | Unset = UNSET,
    tag: list[str] | Unset = UNSET,
    to: str | Unset = UNSET,
    trashed: bool | Unset = UNSET,
) -> Problem | Search | None:
    """The photos that answer the query, best first, each with the reasons.

     People, places, dates, things, favourites and text are recognised, and what is not
    wanted (without Bob, 没有猫); `parsed` says as what. Other words must all be found; if no
    photo has them all, some will do. Of more than 500 photos the newest are ranked.

    Args:
        album (UUID | Unset):
        archived (bool | Unset):
        bbox (str | Unset):
        cursor (str | Unset):
        favorite (bool | Unset):
        from_ (str | Unset):
        has_text (bool | Unset):
        label (list[str] | Unset):
        page_size (int | Unset):
        person (list[UUID] | Unset):
        place (str | Unset):
        q (str | Unset):
        status (SearchStatus | Unset):
        tag (list[str] | Unset):
        to (str | Unset):
        trashed (bool | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Search
    """

    return (
        await asyncio_detailed(
            client=client,
            album=album,
            archived=archived,
            bbox=bbox,
            cursor=cursor,
            favorite=favorite,
            from_=from_,
            has_text=has_text,
            label=label,
            page_size=page_size,
            person=person,
            place=place,
            q=q,
            status=status,
            tag=tag,
            to=to,
            trashed=trashed,
        )
    ).parsed

from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.album import Album
from ...models.patched_album_changes_request import PatchedAlbumChangesRequest
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    album_id: UUID,
    *,
    body: PatchedAlbumChangesRequest | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_match, Unset):
        headers["If-Match"] = if_match

    _kwargs: dict[str, Any] = {
        "method": "patch",
        "url": "/api/v1/albums/{album_id}".format(
            album_id=quote(str(album_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Album | Problem | None:
    if response.status_code == 200:
        response_200 = Album.from_dict(response.json())

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
) -> Response[Album | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchedAlbumChangesRequest | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[Album | Problem]:
    """Change an album (managers).

    Args:
        album_id (UUID):
        if_match (str | Unset):
        body (PatchedAlbumChangesRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Album | Problem]
    """

    kwargs = _get_kwargs(
        album_id=album_id,
        body=body,
        if_match=if_match,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchedAlbumChangesRequest | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Album | Problem | None:
    """Change an album (managers).

    Args:
        album_id (UUID):
        if_match (str | Unset):
        body (PatchedAlbumChangesRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Album | Problem
    """

    return sync_detailed(
        album_id=album_id,
        client=client,
        body=body,
        if_match=if_match,
    ).parsed


async def asyncio_detailed(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchedAlbumChangesRequest | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Response[Album | Problem]:
    """Change an album (managers).

    Args:
        album_id (UUID):
        if_match (str | Unset):
        body (PatchedAlbumChangesRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Album | Problem]
    """

    kwargs = _get_kwargs(
        album_id=album_id,
        body=body,
        if_match=if_match,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: PatchedAlbumChangesRequest | Unset = UNSET,
    if_match: str | Unset = UNSET,
) -> Album | Problem | None:
    """Change an album (managers).

    Args:
        album_id (UUID):
        if_match (str | Unset):
        body (PatchedAlbumChangesRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Album | Problem
    """

    return (
        await asyncio_detailed(
            album_id=album_id,
            client=client,
            body=body,
            if_match=if_match,
        )
    ).parsed

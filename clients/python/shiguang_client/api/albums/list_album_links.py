from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.link import Link
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    album_id: UUID,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/albums/{album_id}/links".format(
            album_id=quote(str(album_id), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | list[Link] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = Link.from_dict(response_200_item_data)

            response_200.append(response_200_item)

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
) -> Response[Problem | list[Link]]:
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
) -> Response[Problem | list[Link]]:
    """List an album's links, the latest first, without their tokens (managers).

    Args:
        album_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[Link]]
    """

    kwargs = _get_kwargs(
        album_id=album_id,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Problem | list[Link] | None:
    """List an album's links, the latest first, without their tokens (managers).

    Args:
        album_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[Link]
    """

    return sync_detailed(
        album_id=album_id,
        client=client,
    ).parsed


async def asyncio_detailed(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Response[Problem | list[Link]]:
    """List an album's links, the latest first, without their tokens (managers).

    Args:
        album_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[Link]]
    """

    kwargs = _get_kwargs(
        album_id=album_id,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
) -> Problem | list[Link] | None:
    """List an album's links, the latest first, without their tokens (managers).

    Args:
        album_id (UUID):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[Link]
    """

    return (
        await asyncio_detailed(
            album_id=album_id,
            client=client,
        )
    ).parsed

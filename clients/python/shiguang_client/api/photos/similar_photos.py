from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.similar_photos import SimilarPhotos
from ...types import UNSET, Response, Unset


def _get_kwargs(
    photo_id: UUID,
    *,
    page_size: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/photos/{photo_id}/similar".format(
            photo_id=quote(str(photo_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | SimilarPhotos | None:
    if response.status_code == 200:
        response_200 = SimilarPhotos.from_dict(response.json())

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
) -> Response[Problem | SimilarPhotos]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    photo_id: UUID,
    *,
    client: AuthenticatedClient,
    page_size: int | Unset = UNSET,
) -> Response[Problem | SimilarPhotos]:
    """The photos of one's library that look most like this one, the nearest first.

    Args:
        photo_id (UUID):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SimilarPhotos]
    """

    kwargs = _get_kwargs(
        photo_id=photo_id,
        page_size=page_size,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    photo_id: UUID,
    *,
    client: AuthenticatedClient,
    page_size: int | Unset = UNSET,
) -> Problem | SimilarPhotos | None:
    """The photos of one's library that look most like this one, the nearest first.

    Args:
        photo_id (UUID):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SimilarPhotos
    """

    return sync_detailed(
        photo_id=photo_id,
        client=client,
        page_size=page_size,
    ).parsed


async def asyncio_detailed(
    photo_id: UUID,
    *,
    client: AuthenticatedClient,
    page_size: int | Unset = UNSET,
) -> Response[Problem | SimilarPhotos]:
    """The photos of one's library that look most like this one, the nearest first.

    Args:
        photo_id (UUID):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | SimilarPhotos]
    """

    kwargs = _get_kwargs(
        photo_id=photo_id,
        page_size=page_size,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    photo_id: UUID,
    *,
    client: AuthenticatedClient,
    page_size: int | Unset = UNSET,
) -> Problem | SimilarPhotos | None:
    """The photos of one's library that look most like this one, the nearest first.

    Args:
        photo_id (UUID):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | SimilarPhotos
    """

    return (
        await asyncio_detailed(
            photo_id=photo_id,
            client=client,
            page_size=page_size,
        )
    ).parsed

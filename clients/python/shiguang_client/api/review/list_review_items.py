from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.list_review_items_queue import (
    ListReviewItemsQueue,
)
from ...models.problem import Problem
from ...models.review_item_page import ReviewItemPage
from ...types import UNSET, Response, Unset


def _get_kwargs(
    queue: ListReviewItemsQueue,
    *,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["cursor"] = cursor

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/review/{queue}".format(
            queue=quote(str(queue), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ReviewItemPage | None:
    if response.status_code == 200:
        response_200 = ReviewItemPage.from_dict(response.json())

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
) -> Response[Problem | ReviewItemPage]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    queue: ListReviewItemsQueue,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Response[Problem | ReviewItemPage]:
    """List what waits in a queue, the oldest first (staff only).

     Superusers see everybody's, other staff their own. Each look at a picture of somebody else's
    is logged.

    Args:
        queue (ListReviewItemsQueue):
        cursor (str | Unset):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ReviewItemPage]
    """

    kwargs = _get_kwargs(
        queue=queue,
        cursor=cursor,
        page_size=page_size,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    queue: ListReviewItemsQueue,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Problem | ReviewItemPage | None:
    """List what waits in a queue, the oldest first (staff only).

     Superusers see everybody's, other staff their own. Each look at a picture of somebody else's
    is logged.

    Args:
        queue (ListReviewItemsQueue):
        cursor (str | Unset):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ReviewItemPage
    """

    return sync_detailed(
        queue=queue,
        client=client,
        cursor=cursor,
        page_size=page_size,
    ).parsed


async def asyncio_detailed(
    queue: ListReviewItemsQueue,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Response[Problem | ReviewItemPage]:
    """List what waits in a queue, the oldest first (staff only).

     Superusers see everybody's, other staff their own. Each look at a picture of somebody else's
    is logged.

    Args:
        queue (ListReviewItemsQueue):
        cursor (str | Unset):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ReviewItemPage]
    """

    kwargs = _get_kwargs(
        queue=queue,
        cursor=cursor,
        page_size=page_size,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    queue: ListReviewItemsQueue,
    *,
    client: AuthenticatedClient,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
) -> Problem | ReviewItemPage | None:
    """List what waits in a queue, the oldest first (staff only).

     Superusers see everybody's, other staff their own. Each look at a picture of somebody else's
    is logged.

    Args:
        queue (ListReviewItemsQueue):
        cursor (str | Unset):
        page_size (int | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ReviewItemPage
    """

    return (
        await asyncio_detailed(
            queue=queue,
            client=client,
            cursor=cursor,
            page_size=page_size,
        )
    ).parsed

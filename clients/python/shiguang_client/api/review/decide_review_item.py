from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.decide_review_item_queue import (
    DecideReviewItemQueue,
)
from ...models.decision_request import DecisionRequest
from ...models.problem import Problem
from ...models.review_item import ReviewItem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    queue: DecideReviewItemQueue,
    item_id: UUID,
    *,
    body: DecisionRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/review/{queue}/{item_id}".format(
            queue=quote(str(queue), safe=""),
            item_id=quote(str(item_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | ReviewItem | None:
    if response.status_code == 200:
        response_200 = ReviewItem.from_dict(response.json())

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
) -> Response[Problem | ReviewItem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    queue: DecideReviewItemQueue,
    item_id: UUID,
    *,
    client: AuthenticatedClient,
    body: DecisionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | ReviewItem]:
    """Decide whether others may see it (superusers only).

     A later decision replaces an earlier one; it stands whatever a network or WeChat says later.

    Args:
        queue (DecideReviewItemQueue):
        item_id (UUID):
        idempotency_key (str | Unset):
        body (DecisionRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ReviewItem]
    """

    kwargs = _get_kwargs(
        queue=queue,
        item_id=item_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    queue: DecideReviewItemQueue,
    item_id: UUID,
    *,
    client: AuthenticatedClient,
    body: DecisionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Problem | ReviewItem | None:
    """Decide whether others may see it (superusers only).

     A later decision replaces an earlier one; it stands whatever a network or WeChat says later.

    Args:
        queue (DecideReviewItemQueue):
        item_id (UUID):
        idempotency_key (str | Unset):
        body (DecisionRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ReviewItem
    """

    return sync_detailed(
        queue=queue,
        item_id=item_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    queue: DecideReviewItemQueue,
    item_id: UUID,
    *,
    client: AuthenticatedClient,
    body: DecisionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Problem | ReviewItem]:
    """Decide whether others may see it (superusers only).

     A later decision replaces an earlier one; it stands whatever a network or WeChat says later.

    Args:
        queue (DecideReviewItemQueue):
        item_id (UUID):
        idempotency_key (str | Unset):
        body (DecisionRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | ReviewItem]
    """

    kwargs = _get_kwargs(
        queue=queue,
        item_id=item_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    queue: DecideReviewItemQueue,
    item_id: UUID,
    *,
    client: AuthenticatedClient,
    body: DecisionRequest,
    idempotency_key: str | Unset = UNSET,
) -> Problem | ReviewItem | None:
    """Decide whether others may see it (superusers only).

     A later decision replaces an earlier one; it stands whatever a network or WeChat says later.

    Args:
        queue (DecideReviewItemQueue):
        item_id (UUID):
        idempotency_key (str | Unset):
        body (DecisionRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | ReviewItem
    """

    return (
        await asyncio_detailed(
            queue=queue,
            item_id=item_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

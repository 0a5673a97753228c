from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.duplicate import Duplicate
from ...models.new_photo_request import NewPhotoRequest
from ...models.problem import Problem
from ...models.ticket import Ticket
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: NewPhotoRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/photos",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Duplicate | Problem | Ticket | None:
    if response.status_code == 200:
        response_200 = Duplicate.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = Ticket.from_dict(response.json())

        return response_201

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
) -> Response[Duplicate | Problem | Ticket]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    body: NewPhotoRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Duplicate | Problem | Ticket]:
    """Ask for a ticket to upload one photo straight to object storage.

     200 and `duplicate` if the same bytes are there already: nothing is to be sent.

    Args:
        idempotency_key (str | Unset):
        body (NewPhotoRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Duplicate | Problem | Ticket]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    body: NewPhotoRequest,
    idempotency_key: str | Unset = UNSET,
) -> Duplicate | Problem | Ticket | None:
    """Ask for a ticket to upload one photo straight to object storage.

     200 and `duplicate` if the same bytes are there already: nothing is to be sent.

    Args:
        idempotency_key (str | Unset):
        body (NewPhotoRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Duplicate | Problem | Ticket
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    body: NewPhotoRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Duplicate | Problem | Ticket]:
    """Ask for a ticket to upload one photo straight to object storage.

     200 and `duplicate` if the same bytes are there already: nothing is to be sent.

    Args:
        idempotency_key (str | Unset):
        body (NewPhotoRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Duplicate | Problem | Ticket]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    body: NewPhotoRequest,
    idempotency_key: str | Unset = UNSET,
) -> Duplicate | Problem | Ticket | None:
    """Ask for a ticket to upload one photo straight to object storage.

     200 and `duplicate` if the same bytes are there already: nothing is to be sent.

    Args:
        idempotency_key (str | Unset):
        body (NewPhotoRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Duplicate | Problem | Ticket
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

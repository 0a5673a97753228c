from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.photo import Photo
from ...models.problem import Problem
from ...models.verdict_request import VerdictRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    photo_id: UUID,
    name: str,
    *,
    body: VerdictRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/photos/{photo_id}/labels/{name}/verdict".format(
            photo_id=quote(str(photo_id), safe=""),
            name=quote(str(name), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Photo | Problem | None:
    if response.status_code == 200:
        response_200 = Photo.from_dict(response.json())

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
) -> Response[Photo | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    photo_id: UUID,
    name: str,
    *,
    client: AuthenticatedClient,
    body: VerdictRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Photo | Problem]:
    """Say whether a label is right. The word stays when the photo is analysed again.

    Args:
        photo_id (UUID):
        name (str):
        idempotency_key (str | Unset):
        body (VerdictRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Photo | Problem]
    """

    kwargs = _get_kwargs(
        photo_id=photo_id,
        name=name,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    photo_id: UUID,
    name: str,
    *,
    client: AuthenticatedClient,
    body: VerdictRequest,
    idempotency_key: str | Unset = UNSET,
) -> Photo | Problem | None:
    """Say whether a label is right. The word stays when the photo is analysed again.

    Args:
        photo_id (UUID):
        name (str):
        idempotency_key (str | Unset):
        body (VerdictRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Photo | Problem
    """

    return sync_detailed(
        photo_id=photo_id,
        name=name,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    photo_id: UUID,
    name: str,
    *,
    client: AuthenticatedClient,
    body: VerdictRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Photo | Problem]:
    """Say whether a label is right. The word stays when the photo is analysed again.

    Args:
        photo_id (UUID):
        name (str):
        idempotency_key (str | Unset):
        body (VerdictRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Photo | Problem]
    """

    kwargs = _get_kwargs(
        photo_id=photo_id,
        name=name,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    photo_id: UUID,
    name: str,
    *,
    client: AuthenticatedClient,
    body: VerdictRequest,
    idempotency_key: str | Unset = UNSET,
) -> Photo | Problem | None:
    """Say whether a label is right. The word stays when the photo is analysed again.

    Args:
        photo_id (UUID):
        name (str):
        idempotency_key (str | Unset):
        body (VerdictRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Photo | Problem
    """

    return (
        await asyncio_detailed(
            photo_id=photo_id,
            name=name,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

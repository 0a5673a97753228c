from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.person_face import PersonFace
from ...models.problem import Problem
from ...models.reject_request import RejectRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    face_id: UUID,
    *,
    body: RejectRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/faces/{face_id}/reject".format(
            face_id=quote(str(face_id), safe=""),
        ),
    }

    if not isinstance(body, Unset):
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> PersonFace | Problem | None:
    if response.status_code == 200:
        response_200 = PersonFace.from_dict(response.json())

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
) -> Response[PersonFace | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    face_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RejectRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[PersonFace | Problem]:
    """Say that this face is not this person. It never goes back there by itself.

    Args:
        face_id (UUID):
        idempotency_key (str | Unset):
        body (RejectRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PersonFace | Problem]
    """

    kwargs = _get_kwargs(
        face_id=face_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    face_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RejectRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> PersonFace | Problem | None:
    """Say that this face is not this person. It never goes back there by itself.

    Args:
        face_id (UUID):
        idempotency_key (str | Unset):
        body (RejectRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PersonFace | Problem
    """

    return sync_detailed(
        face_id=face_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    face_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RejectRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[PersonFace | Problem]:
    """Say that this face is not this person. It never goes back there by itself.

    Args:
        face_id (UUID):
        idempotency_key (str | Unset):
        body (RejectRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[PersonFace | Problem]
    """

    kwargs = _get_kwargs(
        face_id=face_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    face_id: UUID,
    *,
    client: AuthenticatedClient,
    body: RejectRequest | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> PersonFace | Problem | None:
    """Say that this face is not this person. It never goes back there by itself.

    Args:
        face_id (UUID):
        idempotency_key (str | Unset):
        body (RejectRequest | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        PersonFace | Problem
    """

    return (
        await asyncio_detailed(
            face_id=face_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.member import Member
from ...models.new_member_request import NewMemberRequest
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    album_id: UUID,
    *,
    body: NewMemberRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/albums/{album_id}/members".format(
            album_id=quote(str(album_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Member | Problem | None:
    if response.status_code == 200:
        response_200 = Member.from_dict(response.json())

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
) -> Response[Member | Problem]:
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
    body: NewMemberRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Member | Problem]:
    """Give somebody a role, or another one (managers, up to their own).

    Args:
        album_id (UUID):
        idempotency_key (str | Unset):
        body (NewMemberRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Member | Problem]
    """

    kwargs = _get_kwargs(
        album_id=album_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewMemberRequest,
    idempotency_key: str | Unset = UNSET,
) -> Member | Problem | None:
    """Give somebody a role, or another one (managers, up to their own).

    Args:
        album_id (UUID):
        idempotency_key (str | Unset):
        body (NewMemberRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Member | Problem
    """

    return sync_detailed(
        album_id=album_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewMemberRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Member | Problem]:
    """Give somebody a role, or another one (managers, up to their own).

    Args:
        album_id (UUID):
        idempotency_key (str | Unset):
        body (NewMemberRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Member | Problem]
    """

    kwargs = _get_kwargs(
        album_id=album_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    album_id: UUID,
    *,
    client: AuthenticatedClient,
    body: NewMemberRequest,
    idempotency_key: str | Unset = UNSET,
) -> Member | Problem | None:
    """Give somebody a role, or another one (managers, up to their own).

    Args:
        album_id (UUID):
        idempotency_key (str | Unset):
        body (NewMemberRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Member | Problem
    """

    return (
        await asyncio_detailed(
            album_id=album_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.get_invitation_qr_kind import (
    GetInvitationQrKind,
)
from ...models.problem import Problem
from ...types import File, Response


def _get_kwargs(
    token: str,
    kind: GetInvitationQrKind,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/invitations/{token}/qr.{kind}".format(
            token=quote(str(token), safe=""),
            kind=quote(str(kind), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

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
) -> Response[File | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    token: str,
    kind: GetInvitationQrKind,
    *,
    client: AuthenticatedClient | Client,
) -> Response[File | Problem]:
    """The invitation's address as a QR code, to show on a screen (PNG) or to print (SVG).

    Args:
        token (str):
        kind (GetInvitationQrKind):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        token=token,
        kind=kind,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    token: str,
    kind: GetInvitationQrKind,
    *,
    client: AuthenticatedClient | Client,
) -> File | Problem | None:
    """The invitation's address as a QR code, to show on a screen (PNG) or to print (SVG).

    Args:
        token (str):
        kind (GetInvitationQrKind):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return sync_detailed(
        token=token,
        kind=kind,
        client=client,
    ).parsed


async def asyncio_detailed(
    token: str,
    kind: GetInvitationQrKind,
    *,
    client: AuthenticatedClient | Client,
) -> Response[File | Problem]:
    """The invitation's address as a QR code, to show on a screen (PNG) or to print (SVG).

    Args:
        token (str):
        kind (GetInvitationQrKind):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        token=token,
        kind=kind,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    token: str,
    kind: GetInvitationQrKind,
    *,
    client: AuthenticatedClient | Client,
) -> File | Problem | None:
    """The invitation's address as a QR code, to show on a screen (PNG) or to print (SVG).

    Args:
        token (str):
        kind (GetInvitationQrKind):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return (
        await asyncio_detailed(
            token=token,
            kind=kind,
            client=client,
        )
    ).parsed

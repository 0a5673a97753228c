from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.deletion import Deletion
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    receipt: str,
) -> dict[str, Any]:

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/deletions/{receipt}".format(
            receipt=quote(str(receipt), safe=""),
        ),
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Deletion | Problem | None:
    if response.status_code == 200:
        response_200 = Deletion.from_dict(response.json())

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
) -> Response[Deletion | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    receipt: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Deletion | Problem]:
    """The record of a deletion, for whoever has its receipt.

    Args:
        receipt (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Deletion | Problem]
    """

    kwargs = _get_kwargs(
        receipt=receipt,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    receipt: str,
    *,
    client: AuthenticatedClient | Client,
) -> Deletion | Problem | None:
    """The record of a deletion, for whoever has its receipt.

    Args:
        receipt (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Deletion | Problem
    """

    return sync_detailed(
        receipt=receipt,
        client=client,
    ).parsed


async def asyncio_detailed(
    receipt: str,
    *,
    client: AuthenticatedClient | Client,
) -> Response[Deletion | Problem]:
    """The record of a deletion, for whoever has its receipt.

    Args:
        receipt (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Deletion | Problem]
    """

    kwargs = _get_kwargs(
        receipt=receipt,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    receipt: str,
    *,
    client: AuthenticatedClient | Client,
) -> Deletion | Problem | None:
    """The record of a deletion, for whoever has its receipt.

    Args:
        receipt (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Deletion | Problem
    """

    return (
        await asyncio_detailed(
            receipt=receipt,
            client=client,
        )
    ).parsed

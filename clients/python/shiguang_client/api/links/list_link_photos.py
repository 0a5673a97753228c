from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.link_photo_page import LinkPhotoPage
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    token: str,
    *,
    access: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(x_link_access, Unset):
        headers["X-Link-Access"] = x_link_access

    params: dict[str, Any] = {}

    params["access"] = access

    params["cursor"] = cursor

    params["page_size"] = page_size

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/links/{token}/photos".format(
            token=quote(str(token), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> LinkPhotoPage | Problem | None:
    if response.status_code == 200:
        response_200 = LinkPhotoPage.from_dict(response.json())

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
) -> Response[LinkPhotoPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> Response[LinkPhotoPage | Problem]:
    """List the photos that a link shows, in the album's order.

    Args:
        token (str):
        access (str | Unset):
        cursor (str | Unset):
        page_size (int | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LinkPhotoPage | Problem]
    """

    kwargs = _get_kwargs(
        token=token,
        access=access,
        cursor=cursor,
        page_size=page_size,
        x_link_access=x_link_access,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> LinkPhotoPage | Problem | None:
    """List the photos that a link shows, in the album's order.

    Args:
        token (str):
        access (str | Unset):
        cursor (str | Unset):
        page_size (int | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LinkPhotoPage | Problem
    """

    return sync_detailed(
        token=token,
        client=client,
        access=access,
        cursor=cursor,
        page_size=page_size,
        x_link_access=x_link_access,
    ).parsed


async def asyncio_detailed(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> Response[LinkPhotoPage | Problem]:
    """List the photos that a link shows, in the album's order.

    Args:
        token (str):
        access (str | Unset):
        cursor (str | Unset):
        page_size (int | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LinkPhotoPage | Problem]
    """

    kwargs = _get_kwargs(
        token=token,
        access=access,
        cursor=cursor,
        page_size=page_size,
        x_link_access=x_link_access,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> LinkPhotoPage | Problem | None:
    """List the photos that a link shows, in the album's order.

    Args:
        token (str):
        access (str | Unset):
        cursor (str | Unset):
        page_size (int | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LinkPhotoPage | Problem
    """

    return (
        await asyncio_detailed(
            token=token,
            client=client,
            access=access,
            cursor=cursor,
            page_size=page_size,
            x_link_access=x_link_access,
        )
    ).parsed

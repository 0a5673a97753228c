from http import HTTPStatus
from io import BytesIO
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...types import UNSET, File, Response, Unset


def _get_kwargs(
    token: str,
    *,
    access: str | Unset = UNSET,
    if_range: str | Unset = UNSET,
    range_: str | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(if_range, Unset):
        headers["If-Range"] = if_range

    if not isinstance(range_, Unset):
        headers["Range"] = range_

    if not isinstance(x_link_access, Unset):
        headers["X-Link-Access"] = x_link_access

    params: dict[str, Any] = {}

    params["access"] = access

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/links/{token}/archive".format(
            token=quote(str(token), safe=""),
        ),
        "params": params,
    }

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> File | Problem | None:
    if response.status_code == 200:
        response_200 = File(payload=BytesIO(response.content))

        return response_200

    if response.status_code == 206:
        response_206 = File(payload=BytesIO(response.content))

        return response_206

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
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    if_range: str | Unset = UNSET,
    range_: str | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> Response[File | Problem]:
    """Download everything as a ZIP, while it is made; a broken download goes on by Range.

     Originals, cleaned of what they say besides the picture and, if the link shows it, its
    location; where that cannot be (HEIC, TIFF, GIF, AVIF) there is the preview instead.

    Args:
        token (str):
        access (str | Unset):
        if_range (str | Unset):
        range_ (str | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        token=token,
        access=access,
        if_range=if_range,
        range_=range_,
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
    if_range: str | Unset = UNSET,
    range_: str | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> File | Problem | None:
    """Download everything as a ZIP, while it is made; a broken download goes on by Range.

     Originals, cleaned of what they say besides the picture and, if the link shows it, its
    location; where that cannot be (HEIC, TIFF, GIF, AVIF) there is the preview instead.

    Args:
        token (str):
        access (str | Unset):
        if_range (str | Unset):
        range_ (str | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return sync_detailed(
        token=token,
        client=client,
        access=access,
        if_range=if_range,
        range_=range_,
        x_link_access=x_link_access,
    ).parsed


async def asyncio_detailed(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    if_range: str | Unset = UNSET,
    range_: str | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> Response[File | Problem]:
    """Download everything as a ZIP, while it is made; a broken download goes on by Range.

     Originals, cleaned of what they say besides the picture and, if the link shows it, its
    location; where that cannot be (HEIC, TIFF, GIF, AVIF) there is the preview instead.

    Args:
        token (str):
        access (str | Unset):
        if_range (str | Unset):
        range_ (str | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[File | Problem]
    """

    kwargs = _get_kwargs(
        token=token,
        access=access,
        if_range=if_range,
        range_=range_,
        x_link_access=x_link_access,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    token: str,
    *,
    client: AuthenticatedClient | Client,
    access: str | Unset = UNSET,
    if_range: str | Unset = UNSET,
    range_: str | Unset = UNSET,
    x_link_access: str | Unset = UNSET,
) -> File | Problem | None:
    """Download everything as a ZIP, while it is made; a broken download goes on by Range.

     Originals, cleaned of what they say besides the picture and, if the link shows it, its
    location; where that cannot be (HEIC, TIFF, GIF, AVIF) there is the preview instead.

    Args:
        token (str):
        access (str | Unset):
        if_range (str | Unset):
        range_ (str | Unset):
        x_link_access (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        File | Problem
    """

    return (
        await asyncio_detailed(
            token=token,
            client=client,
            access=access,
            if_range=if_range,
            range_=range_,
            x_link_access=x_link_access,
        )
    ).parsed

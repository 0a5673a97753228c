from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.cluster import Cluster
from ...models.problem import Problem
from ...types import UNSET, Response


def _get_kwargs(
    *,
    bbox: str,
    zoom: int,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["bbox"] = bbox

    params["zoom"] = zoom

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/map",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | list[Cluster] | None:
    if response.status_code == 200:
        response_200 = []
        _response_200 = response.json()
        for response_200_item_data in _response_200:
            response_200_item = Cluster.from_dict(response_200_item_data)

            response_200.append(response_200_item)

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
) -> Response[Problem | list[Cluster]]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    bbox: str,
    zoom: int,
) -> Response[Problem | list[Cluster]]:
    """The photos in a part of the map, gathered where they are close together at a zoom.

    Args:
        bbox (str):
        zoom (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[Cluster]]
    """

    kwargs = _get_kwargs(
        bbox=bbox,
        zoom=zoom,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    bbox: str,
    zoom: int,
) -> Problem | list[Cluster] | None:
    """The photos in a part of the map, gathered where they are close together at a zoom.

    Args:
        bbox (str):
        zoom (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[Cluster]
    """

    return sync_detailed(
        client=client,
        bbox=bbox,
        zoom=zoom,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    bbox: str,
    zoom: int,
) -> Response[Problem | list[Cluster]]:
    """The photos in a part of the map, gathered where they are close together at a zoom.

    Args:
        bbox (str):
        zoom (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | list[Cluster]]
    """

    kwargs = _get_kwargs(
        bbox=bbox,
        zoom=zoom,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    bbox: str,
    zoom: int,
) -> Problem | list[Cluster] | None:
    """The photos in a part of the map, gathered where they are close together at a zoom.

    Args:
        bbox (str):
        zoom (int):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | list[Cluster]
    """

    return (
        await asyncio_detailed(
            client=client,
            bbox=bbox,
            zoom=zoom,
        )
    ).parsed

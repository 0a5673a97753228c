from http import HTTPStatus
from typing import Any
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.failed_analysis_page import FailedAnalysisPage
from ...models.list_failures_kind import ListFailuresKind
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    code: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    kind: ListFailuresKind | Unset = UNSET,
    model: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    photo: UUID | Unset = UNSET,
    stage: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["code"] = code

    params["cursor"] = cursor

    json_kind: str | Unset = UNSET
    if not isinstance(kind, Unset):
        json_kind = kind

    params["kind"] = json_kind

    params["model"] = model

    params["page_size"] = page_size

    json_photo: str | Unset = UNSET
    if not isinstance(photo, Unset):
        json_photo = str(photo)
    params["photo"] = json_photo

    params["stage"] = stage

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/failures",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> FailedAnalysisPage | Problem | None:
    if response.status_code == 200:
        response_200 = FailedAnalysisPage.from_dict(response.json())

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
) -> Response[FailedAnalysisPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient,
    code: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    kind: ListFailuresKind | Unset = UNSET,
    model: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    photo: UUID | Unset = UNSET,
    stage: str | Unset = UNSET,
) -> Response[FailedAnalysisPage | Problem]:
    """What could not be found out about one's photos, and why; the latest first.

    Args:
        code (str | Unset):
        cursor (str | Unset):
        kind (ListFailuresKind | Unset):
        model (str | Unset):
        page_size (int | Unset):
        photo (UUID | Unset):
        stage (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FailedAnalysisPage | Problem]
    """

    kwargs = _get_kwargs(
        code=code,
        cursor=cursor,
        kind=kind,
        model=model,
        page_size=page_size,
        photo=photo,
        stage=stage,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient,
    code: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    kind: ListFailuresKind | Unset = UNSET,
    model: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    photo: UUID | Unset = UNSET,
    stage: str | Unset = UNSET,
) -> FailedAnalysisPage | Problem | None:
    """What could not be found out about one's photos, and why; the latest first.

    Args:
        code (str | Unset):
        cursor (str | Unset):
        kind (ListFailuresKind | Unset):
        model (str | Unset):
        page_size (int | Unset):
        photo (UUID | Unset):
        stage (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FailedAnalysisPage | Problem
    """

    return sync_detailed(
        client=client,
        code=code,
        cursor=cursor,
        kind=kind,
        model=model,
        page_size=page_size,
        photo=photo,
        stage=stage,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient,
    code: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    kind: ListFailuresKind | Unset = UNSET,
    model: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    photo: UUID | Unset = UNSET,
    stage: str | Unset = UNSET,
) -> Response[FailedAnalysisPage | Problem]:
    """What could not be found out about one's photos, and why; the latest first.

    Args:
        code (str | Unset):
        cursor (str | Unset):
        kind (ListFailuresKind | Unset):
        model (str | Unset):
        page_size (int | Unset):
        photo (UUID | Unset):
        stage (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[FailedAnalysisPage | Problem]
    """

    kwargs = _get_kwargs(
        code=code,
        cursor=cursor,
        kind=kind,
        model=model,
        page_size=page_size,
        photo=photo,
        stage=stage,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient,
    code: str | Unset = UNSET,
    cursor: str | Unset = UNSET,
    kind: ListFailuresKind | Unset = UNSET,
    model: str | Unset = UNSET,
    page_size: int | Unset = UNSET,
    photo: UUID | Unset = UNSET,
    stage: str | Unset = UNSET,
) -> FailedAnalysisPage | Problem | None:
    """What could not be found out about one's photos, and why; the latest first.

    Args:
        code (str | Unset):
        cursor (str | Unset):
        kind (ListFailuresKind | Unset):
        model (str | Unset):
        page_size (int | Unset):
        photo (UUID | Unset):
        stage (str | Unset):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        FailedAnalysisPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            code=code,
            cursor=cursor,
            kind=kind,
            model=model,
            page_size=page_size,
            photo=photo,
            stage=stage,
        )
    ).parsed

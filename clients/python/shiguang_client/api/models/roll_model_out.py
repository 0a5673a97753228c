from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.model_details import ModelDetails
from ...models.problem import Problem
from ...models.rollout_request import RolloutRequest
from ...types import UNSET, Response, Unset


def _get_kwargs(
    model_id: str,
    *,
    body: RolloutRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/models/{model_id}/rollout".format(
            model_id=quote(str(model_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> ModelDetails | Problem | None:
    if response.status_code == 200:
        response_200 = ModelDetails.from_dict(response.json())

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
) -> Response[ModelDetails | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    model_id: str,
    *,
    client: AuthenticatedClient,
    body: RolloutRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ModelDetails | Problem]:
    """Say what a model is for (staff only).

     A `candidate` looks at `share` of the photos that come from now on, a `shadow` at `share` of
    all, and nobody is shown what they find. One that has looked wherever another has can become
    `active`: it is shown then, and the one before is its shadow, so that the way back is as
    short. A `retired` one looks at none, and nobody can ask for it.

    Args:
        model_id (str):
        idempotency_key (str | Unset):
        body (RolloutRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ModelDetails | Problem]
    """

    kwargs = _get_kwargs(
        model_id=model_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    model_id: str,
    *,
    client: AuthenticatedClient,
    body: RolloutRequest,
    idempotency_key: str | Unset = UNSET,
) -> ModelDetails | Problem | None:
    """Say what a model is for (staff only).

     A `candidate` looks at `share` of the photos that come from now on, a `shadow` at `share` of
    all, and nobody is shown what they find. One that has looked wherever another has can become
    `active`: it is shown then, and the one before is its shadow, so that the way back is as
    short. A `retired` one looks at none, and nobody can ask for it.

    Args:
        model_id (str):
        idempotency_key (str | Unset):
        body (RolloutRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ModelDetails | Problem
    """

    return sync_detailed(
        model_id=model_id,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    model_id: str,
    *,
    client: AuthenticatedClient,
    body: RolloutRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[ModelDetails | Problem]:
    """Say what a model is for (staff only).

     A `candidate` looks at `share` of the photos that come from now on, a `shadow` at `share` of
    all, and nobody is shown what they find. One that has looked wherever another has can become
    `active`: it is shown then, and the one before is its shadow, so that the way back is as
    short. A `retired` one looks at none, and nobody can ask for it.

    Args:
        model_id (str):
        idempotency_key (str | Unset):
        body (RolloutRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[ModelDetails | Problem]
    """

    kwargs = _get_kwargs(
        model_id=model_id,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    model_id: str,
    *,
    client: AuthenticatedClient,
    body: RolloutRequest,
    idempotency_key: str | Unset = UNSET,
) -> ModelDetails | Problem | None:
    """Say what a model is for (staff only).

     A `candidate` looks at `share` of the photos that come from now on, a `shadow` at `share` of
    all, and nobody is shown what they find. One that has looked wherever another has can become
    `active`: it is shown then, and the one before is its shadow, so that the way back is as
    short. A `retired` one looks at none, and nobody can ask for it.

    Args:
        model_id (str):
        idempotency_key (str | Unset):
        body (RolloutRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        ModelDetails | Problem
    """

    return (
        await asyncio_detailed(
            model_id=model_id,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

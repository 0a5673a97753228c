from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.picture_request import PictureRequest
from ...models.predict_kind import PredictKind
from ...models.prediction import Prediction
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    kind: PredictKind,
    *,
    body: PictureRequest,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/predict/{kind}".format(
            kind=quote(str(kind), safe=""),
        ),
    }

    _kwargs["files"] = body.to_multipart()

    headers["Content-Type"] = "multipart/form-data; boundary=+++"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Prediction | Problem | None:
    if response.status_code == 200:
        response_200 = Prediction.from_dict(response.json())

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
) -> Response[Prediction | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    kind: PredictKind,
    *,
    client: AuthenticatedClient,
    body: PictureRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Prediction | Problem]:
    """Say what is found in a picture, by the same functions as for photos; nothing is stored.

     What cannot be looked at is a 400 whose error of the field `image` has the code that a
    failed analysis would have: not_an_image, too_many_pixels, corrupt and the like.

    Args:
        kind (PredictKind):
        idempotency_key (str | Unset):
        body (PictureRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Prediction | Problem]
    """

    kwargs = _get_kwargs(
        kind=kind,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    kind: PredictKind,
    *,
    client: AuthenticatedClient,
    body: PictureRequest,
    idempotency_key: str | Unset = UNSET,
) -> Prediction | Problem | None:
    """Say what is found in a picture, by the same functions as for photos; nothing is stored.

     What cannot be looked at is a 400 whose error of the field `image` has the code that a
    failed analysis would have: not_an_image, too_many_pixels, corrupt and the like.

    Args:
        kind (PredictKind):
        idempotency_key (str | Unset):
        body (PictureRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Prediction | Problem
    """

    return sync_detailed(
        kind=kind,
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    kind: PredictKind,
    *,
    client: AuthenticatedClient,
    body: PictureRequest,
    idempotency_key: str | Unset = UNSET,
) -> Response[Prediction | Problem]:
    """Say what is found in a picture, by the same functions as for photos; nothing is stored.

     What cannot be looked at is a 400 whose error of the field `image` has the code that a
    failed analysis would have: not_an_image, too_many_pixels, corrupt and the like.

    Args:
        kind (PredictKind):
        idempotency_key (str | Unset):
        body (PictureRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Prediction | Problem]
    """

    kwargs = _get_kwargs(
        kind=kind,
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    kind: PredictKind,
    *,
    client: AuthenticatedClient,
    body: PictureRequest,
    idempotency_key: str | Unset = UNSET,
) -> Prediction | Problem | None:
    """Say what is found in a picture, by the same functions as for photos; nothing is stored.

     What cannot be looked at is a 400 whose error of the field `image` has the code that a
    failed analysis would have: not_an_image, too_many_pixels, corrupt and the like.

    Args:
        kind (PredictKind):
        idempotency_key (str | Unset):
        body (PictureRequest):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Prediction | Problem
    """

    return (
        await asyncio_detailed(
            kind=kind,
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed

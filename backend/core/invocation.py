"""Functions that are waited for: on Lambda, or on a worker that is invoked in the same way.

The backend's only client of theirs. See functions/invocation.py for the other side.
"""

import functools
import json
import logging
import time
from typing import Any

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ReadTimeoutError
from django.conf import settings

from backend.core.errors import RefusedError
from functions.contract import invocation_context

logger = logging.getLogger(__name__)

# Seconds after which one who was refused may be luckier.
_WAIT = 5


def invoke(function: str, event: dict[str, Any]) -> bytes:
    """What the function answers, as JSON. Nothing of either is kept.

    Raises RefusedError: functions_busy (503), functions_away (503), functions_late (504).
    """
    payload = json.dumps(event).encode()
    context = invocation_context(
        secret=settings.DELIVERY_SECRET,
        function=function,
        payload=payload,
        timestamp=str(time.time()),
    )
    try:
        answer = _client().invoke(
            FunctionName=f"{settings.FUNCTIONS_PREFIX}{function}",
            Payload=payload,
            ClientContext=context,
        )
        body: bytes = answer["Payload"].read()
    except ReadTimeoutError as error:
        logger.warning("%s is late: %s", function, error)
        raise RefusedError("functions_late", status=504, wait=_WAIT) from error
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "TooManyRequestsException":
            raise RefusedError("functions_busy", status=503, wait=_WAIT) from error
        raise _away(function, error) from error
    except (BotoCoreError, OSError) as error:
        raise _away(function, error) from error
    if "FunctionError" in answer:
        raise _away(function, RuntimeError(body[:500].decode(errors="replace")))
    return body


def _away(function: str, error: Exception) -> RefusedError:
    logger.warning("%s could not be invoked: %s", function, error)
    return RefusedError("functions_away", status=503, wait=_WAIT)


@functools.cache
def _client() -> Any:
    # A worker of ours knows the sender by the context's signature, Lambda by the machine's role.
    unsigned = {"signature_version": botocore.UNSIGNED} if settings.FUNCTIONS_URL else {}
    return boto3.client(
        "lambda",
        endpoint_url=settings.FUNCTIONS_URL,
        region_name=settings.S3_REGION,
        config=Config(
            connect_timeout=3,
            read_timeout=settings.PREDICT_SECONDS,
            # Who waits is told, rather than made to wait twice as long.
            retries={"max_attempts": 0},
            max_pool_connections=32,
            **unsigned,
        ),
    )

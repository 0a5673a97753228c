"""The functions as a Celery worker: the laptop's and the cluster's engine.

One message, one photo: all its steps in one process, on one decoded image. Hostile bytes are
decoded in the sandbox's child processes; everything else runs in a pool of threads, each with
one thread of onnxruntime. Pictures that somebody waits for come by functions.invocation.
"""

import functools
import logging
import threading
from typing import Any

from celery import Celery
from celery.signals import worker_ready, worker_shutdown

from functions import delivery, workflow
from functions.config import config
from functions.contract import ANALYSIS_QUEUE, ANALYSIS_TASK, Kind
from functions.handlers import analyse, predict, read_preview, run_analysis, run_inspection
from functions.invocation import InvocationServer
from functions.sandbox import Sandbox

logger = logging.getLogger(__name__)

# The slowest honest photo seen (a 100-megapixel AVIF) takes half of this on one core.
INSPECTION_SECONDS = 20
# Address space, not memory in use: twice images.MAX_PIXELS at four bytes, and the libraries.
INSPECTION_MEMORY_BYTES = 1_500_000_000

app = Celery("functions", broker=config().broker_url)
app.conf.update(
    task_default_queue=ANALYSIS_QUEUE,
    task_ignore_result=True,
    task_acks_late=True,
    # A message waits in the broker until a thread is free: so the queue's length is the truth.
    worker_prefetch_multiplier=1,
    worker_hijack_root_logger=False,
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
)


@functools.cache
def sandbox() -> Sandbox:
    """The children that decode, one a thread; started when first asked for."""
    return Sandbox(
        children=config().threads, seconds=INSPECTION_SECONDS, memory_bytes=INSPECTION_MEMORY_BYTES
    )


@app.task(name=ANALYSIS_TASK)
def analyse_photo(photo_id: str) -> None:
    """Everything that is to be done for one photo is done and delivered.

    Safe to run twice: the claim hands the work out once.
    """
    try:
        claim = delivery.claim(photo_id)
        if claim is None:
            return
        image = None
        if workflow.FIRST in claim.models:
            image = run_inspection(claim, sandbox().inspect)
            if image is None:
                return
        for kind in workflow.later_kinds(claim.models):
            run_analysis(kind, claim, lambda: read_preview(photo_id) if image is None else image)
    except delivery.DeliveryError as error:
        # The lease runs out, and the sweeper hands the work out again.
        logger.warning("photo %s: %s", photo_id, error)


@worker_ready.connect
def take_invocations(**_: Any) -> None:
    """From now on the backend may ask for predictions, if the settings say where."""
    address = config().listen
    if address is None:
        return
    functions = {
        str(kind): lambda event, kind=kind: predict(kind, event, sandbox().inspect)
        for kind in workflow.THEN
    }
    server = InvocationServer(
        address, functions, secret=config().delivery_secret, at_once=config().threads
    )
    server.serve_in_background()


@worker_ready.connect
def warm_up(**_: Any) -> None:
    """Open the networks before the first photo comes, without holding the worker back."""
    threading.Thread(target=_open_all, name="warm-up", daemon=True).start()


def _open_all() -> None:
    import numpy as np

    from functions.contract import MODELS

    blank = np.full((64, 64, 3), 255, dtype=np.uint8)
    sandbox()
    for kind in workflow.THEN:
        try:
            analyse(Kind(kind), MODELS[kind][0], blank)
        except Exception:  # said again, with its photo, when one needs it
            logger.exception("%s could not be warmed up", kind)


@worker_shutdown.connect
def close_sandbox(**_: Any) -> None:
    if sandbox.cache_info().currsize:
        sandbox().close()

"""What whoever runs the album watches, as text that Prometheus reads. Nothing of it is private.

Only what is cheap to count: it is asked for every few seconds, whatever the library's size.
"""

import logging
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.db.models import Count, Sum
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from kombu.exceptions import KombuError, OperationalError
from rest_framework.request import Request
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.analysis.models import Analysis
from backend.analysis.services import open_batches, used_by_all
from backend.core.jobs import waiting_messages
from backend.events.models import Delivery
from functions.contract import ANALYSIS_QUEUE

logger = logging.getLogger(__name__)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# What is done is counted in the ledger of use.
_COUNTED = (Analysis.State.QUEUED, Analysis.State.RUNNING, Analysis.State.FAILED)

Samples = Iterable[tuple[dict[str, str], float]]  # labels, value


class MetricsView(APIView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        text = "".join(f"{line}\n" for line in _lines())
        return HttpResponse(text, content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"})


def _lines() -> Iterator[str]:
    accounts = User.objects.aggregate(users=Count("id"), stored=Sum("used_bytes", default=0))
    yield from _metric("users", "Accounts.", [({}, accounts["users"])])
    yield from _metric("stored_bytes", "Of originals.", [({}, accounts["stored"])])
    states = Analysis.objects.filter(state__in=_COUNTED).values_list("state")
    counts = dict.fromkeys(map(str, _COUNTED), 0) | dict(states.annotate(Count("id")).order_by())
    found = [({"state": state}, count) for state, count in counts.items()]
    yield from _metric("analyses", "That wait, run or have failed.", found)
    yield from _metric("open_batches", "That are not summed up yet.", [({}, len(open_batches()))])
    due = Delivery.objects.filter(due_at__lte=timezone.now()).count()
    yield from _metric("deliveries_due", "Of webhooks.", [({}, due)])
    yield from _metric("waiting_messages", "Of the broker.", _waiting())
    uses = [({"kind": use.kind, "model": use.model}, use) for use in used_by_all()]
    for name, meaning, values in (
        ("analyses_total", "Every attempt.", [(of, use.analyses) for of, use in uses]),
        ("predictions_total", "Pictures.", [(of, use.predictions) for of, use in uses]),
        ("compute_seconds_total", "Of one core.", [(of, use.cpu_ms / 1000) for of, use in uses]),
    ):
        yield from _metric(name, meaning, values, kind="counter")


def _waiting() -> Samples:
    try:
        for queue in (ANALYSIS_QUEUE, settings.CELERY_TASK_DEFAULT_QUEUE):
            yield {"queue": queue}, waiting_messages(queue)
    except (OperationalError, KombuError, OSError) as error:
        logger.warning("messages are not counted: %s", error)


def _metric(name: str, meaning: str, samples: Samples, *, kind: str = "gauge") -> Iterator[str]:
    yield f"# HELP shiguang_{name} {meaning}"
    yield f"# TYPE shiguang_{name} {kind}"
    for labels, value in samples:
        of = ",".join(f'{label}="{each}"' for label, each in labels.items())
        yield f"shiguang_{name}{{{of}}} {value}" if of else f"shiguang_{name} {value}"

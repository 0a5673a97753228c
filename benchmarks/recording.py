"""Store in the album what an analyzer found here, as if a worker had delivered it."""

import uuid
from datetime import UTC, datetime
from typing import Any

from backend.analysis.services import record_result
from backend.photos.models import Photo
from functions.contract import MODELS, Kind, Result, Run


def record_findings(photo: Photo, kind: Kind, findings: Any) -> None:
    """The photo has the findings of the kind's first model. A second call replaces them."""
    run = Run(
        request_id=str(uuid.uuid4()),
        started_at=datetime.now(UTC).isoformat(),
        duration_ms=0.0,
        cpu_ms=0.0,
        memory_mb=0.0,
        cold_start=False,
        runtime="benchmark",
        weights_sha256="",
        input_sha256="",
    )
    model = MODELS[kind][0]
    record_result(
        Result(photo_id=str(photo.id), kind=kind, model=model, run=run, findings=findings)
    )

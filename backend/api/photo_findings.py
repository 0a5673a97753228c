"""What was found in photos and said of them, as documents, in one question to the database.

Through models it would be six, each of which takes longer to write than this one to answer.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection

from backend.api.field_sentences import say_failure
from backend.registry.selectors import active_model
from functions.contract import Kind

_BOX = """json_build_object('left', "left", 'top', top, 'width', width, 'height', height)"""

# Findings of active models only.
_FIND = f"""
select photo.id, json_build_object(
    'tags', (select json_agg(name order by name) from photos_tag where photo_id = photo.id),
    'labels', (
        select json_agg(json_build_object(
            'name', label.name, 'name_zh', name_zh, 'score', score, 'source', 'model',
            'model', analysis.model, 'verdict', correct
        ) order by score desc, label.name)
        from analysis_label label
        join analysis_analysis analysis on analysis.id = analysis_id
        left join analysis_labelverdict verdict
            on verdict.photo_id = label.photo_id and verdict.name = label.name
        where label.photo_id = photo.id and analysis.model = %(labels)s
    ),
    'faces', (
        select json_agg(json_build_object(
            'id', face.id, 'box', {_BOX}, 'score', score, 'confirmed', confirmed,
            'person', case when person_id is not null
                then json_build_object('id', person_id, 'name', person.name) end
        ) order by face.id)
        from people_face face left join people_person person on person.id = person_id
        where photo_id = photo.id and model = %(faces)s
    ),
    'lines', (
        select json_agg(
            json_build_object('text', text, 'box', {_BOX}, 'score', score) order by position
        )
        from analysis_textline line join analysis_analysis analysis on analysis.id = analysis_id
        where line.photo_id = photo.id and analysis.model = %(text)s
    ),
    'analyses', (
        select json_agg(json_build_object(
            'kind', kind, 'model', model, 'status', state, 'started_at', started_at,
            'finished_at', finished_at, 'duration_ms', duration_ms, 'attempts', attempts,
            'error', case when code <> ''
                then json_build_object('code', code, 'detail', detail) end
        ) order by id)
        from analysis_analysis where photo_id = photo.id and not shadow
    ),
    'check', (
        select json_build_object('state', state, 'code', code)
        from wechat_photocheck where photo_id = photo.id
    )
)::text
from unnest(%(photos)s::uuid[]) photo (id)
"""  # noqa: S608 - no value is part of it


def find_findings(photo_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """For each photo `tags`, `labels`, `faces`, `text` and `analyses` as PhotoSerializer says.

    `check`: what WeChat is asked about it; None where it is not. Who may see them is the caller's
    to have looked at.
    """
    models = {str(kind): active_model(kind) for kind in (Kind.LABELS, Kind.FACES, Kind.TEXT)}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, models | {"photos": list(photo_ids)})
        return {photo_id: _read(orjson.loads(text)) for photo_id, text in cursor}


def no_findings() -> dict[str, Any]:
    """Those of a photo that is new."""
    return _read(dict.fromkeys(("tags", "labels", "faces", "lines", "analyses", "check")))


def _read(found: dict[str, Any]) -> dict[str, Any]:
    lines = found.pop("lines") or []
    for name in ("tags", "labels", "faces", "analyses"):
        found[name] = found[name] or []
    for analysis in found["analyses"]:
        for name in ("started_at", "finished_at"):
            # Postgres writes the offset; everything else here ends with Z.
            analysis[name] = analysis[name] and datetime.fromisoformat(analysis[name])
        if error := analysis["error"]:
            error["detail"] = say_failure(error["code"], error["detail"])
    return found | {"text": {"full": "\n".join(line["text"] for line in lines), "lines": lines}}

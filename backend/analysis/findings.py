"""What each kind of finding does to a photo's rows, in place of what the model said before."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from backend.analysis.models import Analysis, ImageFeatures, Label, PictureHash, TextLine
from backend.analysis.moderating import show_score
from backend.people.services import replace_faces
from backend.photos.models import Photo
from backend.photos.services import set_location
from functions.contract import (
    FEATURE_DIMENSIONS,
    MEANING_DIMENSIONS,
    FacesFindings,
    Findings,
    InspectionFindings,
    LabelsFindings,
    ModerationFindings,
    TextFindings,
    decode_vector,
)


def record_findings(photo: Photo, analysis: Analysis, findings: Findings, *, shown: bool) -> None:
    """Store findings under their analysis.

    shown: the model is the active one of its kind, so the photo itself changes too. The photo is
    not saved here. Runs inside record_result's transaction.
    """
    match findings:
        case InspectionFindings():
            if shown:
                _record_inspection(photo, findings)
        case FacesFindings():
            replace_faces(
                photo=photo,
                analysis_id=analysis.id,
                model=analysis.model,
                findings=findings.faces,
                shown=shown,
            )
            photo.people_stale = photo.people_stale or shown
        case LabelsFindings():
            _record_labels(photo, analysis, findings)
            photo.duplicates_stale = photo.duplicates_stale or shown
        case TextFindings():
            _record_text(photo, analysis, findings)
            if shown:
                photo.has_text = bool(findings.lines)
        case ModerationFindings():
            if shown:
                show_score(photo, findings.score)


def _record_inspection(photo: Photo, found: InspectionFindings) -> None:
    photo.content_type = found.content_type[:50]
    photo.width, photo.height, photo.frames = found.width, found.height, found.frames
    photo.placeholder, photo.color = found.placeholder, found.color
    photo.perceptual_hash = found.perceptual_hash
    PictureHash.objects.update_or_create(
        photo=photo, defaults={"bits": f"{int(found.perceptual_hash, 16):064b}"}
    )
    photo.duplicates_stale = True
    photo.has_renditions = True
    camera = found.camera
    photo.camera_make, photo.camera_model = camera.make[:100], camera.model[:100]
    photo.lens, photo.iso, photo.f_number = camera.lens[:150], camera.iso, camera.f_number
    photo.exposure, photo.focal_length = camera.exposure[:20], camera.focal_length
    # What a person set stays.
    if photo.taken_at_source != "person" and found.taken_at is not None:
        taken_at = datetime.fromisoformat(found.taken_at)
        if taken_at.tzinfo is None:
            taken_at = timezone.make_aware(taken_at)
        photo.taken_at, photo.taken_at_source = taken_at.astimezone(UTC), found.taken_at_source
        offset = taken_at.utcoffset() or timedelta()
        photo.taken_at_offset = int(offset.total_seconds() // 60)
    if photo.location_source != "person" and found.location is not None:
        set_location(
            photo,
            latitude=found.location.latitude,
            longitude=found.location.longitude,
            source="exif",
        )
        photo.altitude = found.location.altitude
    photo.search_stale = True


def _record_labels(photo: Photo, analysis: Analysis, found: LabelsFindings) -> None:
    Label.objects.filter(analysis=analysis).delete()
    # Two classes can share an everyday name: the better score stands for both.
    best = {label.name: label for label in sorted(found.labels, key=lambda label: label.score)}
    Label.objects.bulk_create(
        Label(
            photo=photo,
            analysis=analysis,
            name=label.name[:100],
            name_zh=label.name_zh[:100],
            score=min(max(label.score, 0.0), 1.0),
        )
        for label in best.values()
    )
    ImageFeatures.objects.update_or_create(
        analysis=analysis,
        defaults={
            "photo": photo,
            "embedding": decode_vector(found.features, FEATURE_DIMENSIONS),
            "meaning": decode_vector(found.meaning, MEANING_DIMENSIONS),
        },
    )


def _record_text(photo: Photo, analysis: Analysis, found: TextFindings) -> None:
    TextLine.objects.filter(analysis=analysis).delete()
    TextLine.objects.bulk_create(
        TextLine(
            photo=photo,
            analysis=analysis,
            position=position,
            text=line.text.replace("\x00", ""),
            left=line.box.left,
            top=line.box.top,
            width=line.box.width,
            height=line.box.height,
            score=line.score,
        )
        for position, line in enumerate(found.lines)
    )

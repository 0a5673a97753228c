"""Two models of one kind, side by side: what they find in the same photos, and what that takes."""

import statistics
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef

from backend.analysis.models import Analysis, Label, LabelVerdict, ModerationVerdict, TextLine
from backend.analysis.moderating import moderation_verdict
from backend.analysis.shadowing import LOOKED
from backend.analysis.usage import cost_of
from backend.people.models import Face
from backend.people.recording import SAME_FACE_OVERLAP, overlap
from backend.photos.models import Photo
from backend.registry.models import ModelVersion
from functions.contract import Kind

# The latest photos that both have looked at: more would tell the same and take longer.
MOST_PHOTOS = 10_000


@dataclass(frozen=True, kw_only=True)
class Side:
    """One model, on the photos of a comparison.

    failed: photos. findings: labels, faces or lines of text a photo; None for other kinds. cpu_ms,
    duration_ms: of the median analysis; cost: dollars of 1,000 photos; None if nothing was done.
    right, wrong: of what people have said of the same photos, see Comparison.
    """

    failed: int
    findings: float | None
    cpu_ms: float | None
    duration_ms: float | None
    cost: float | None
    right: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """photos: that both have looked at. agreement: of how many of them both say the same, 0-1.

    The same is, of labels, the best one; of faces, how many; of text, every letter, blanks aside;
    of moderation, whether it holds the photo back. None if there is none, and of inspection.

    A model is right, of a label that somebody has judged, if it gives it and it is correct, or does
    not and it is wrong; of a face that somebody has named, if it finds one there; of a photo about
    which somebody has decided, if it holds it back or not as they did. People judge what
    they are shown, and that is what the active model finds: its mistakes are judged, and what it
    misses is not.
    """

    photos: int
    agreement: float | None
    a: Side
    b: Side


# What a model says of a photo, to be compared with what another says, and how many findings it is.
Said = tuple[object, int]


def compare_models(a: ModelVersion, b: ModelVersion) -> Comparison:
    """Two models of one kind, on the latest MOST_PHOTOS at which both have looked."""
    kind = Kind(a.kind)
    looked = Analysis.objects.filter(kind=kind, state__in=LOOKED)
    by_b = looked.filter(photo=OuterRef("photo"), model=b.name)
    by_both = looked.filter(Exists(by_b), model=a.name).order_by("-photo_id")[:MOST_PHOTOS]
    of_a = {analysis.photo_id: analysis for analysis in by_both}
    of_b = {each.photo_id: each for each in looked.filter(photo__in=of_a, model=b.name)}
    done = [
        photo_id
        for photo_id, analysis in of_b.items()
        if analysis.state == of_a[photo_id].state == Analysis.State.DONE
    ]
    said_by_a = _what_is_said(kind, [of_a[photo_id] for photo_id in done])
    said_by_b = _what_is_said(kind, [of_b[photo_id] for photo_id in done])
    same = [said_by_a[photo_id][0] == said_by_b[photo_id][0] for photo_id in said_by_a]
    return Comparison(
        photos=len(of_b),
        agreement=statistics.mean(same) if same else None,
        a=_side(kind, a.name, list(of_a.values()), said_by_a),
        b=_side(kind, b.name, list(of_b.values()), said_by_b),
    )


def _side(kind: Kind, model: str, analyses: list[Analysis], said: dict[UUID, Said]) -> Side:
    done = [each for each in analyses if each.state == Analysis.State.DONE]
    cpu_ms = [each.cpu_ms for each in done if each.cpu_ms is not None]
    durations = [each.duration_ms for each in done if each.duration_ms is not None]
    judged = _judge(kind, model, list(said))
    counted = said and kind != Kind.MODERATION
    return Side(
        failed=len(analyses) - len(done),
        findings=statistics.mean(count for _, count in said.values()) if counted else None,
        cpu_ms=statistics.median(cpu_ms) if cpu_ms else None,
        duration_ms=statistics.median(durations) if durations else None,
        cost=1000 * cost_of(statistics.mean(cpu_ms)) if cpu_ms else None,
        right=sum(judged),
        wrong=len(judged) - sum(judged),
    )


def _what_is_said(kind: Kind, analyses: list[Analysis]) -> dict[UUID, Said]:
    """Of each analysis's photo; nothing of an inspection, which says what the file says."""
    of = [each.id for each in analyses]
    said: dict[UUID, list[str]] = {each.photo_id: [] for each in analyses}
    match kind:
        case Kind.LABELS:
            labels = Label.objects.filter(analysis__in=of).order_by("-score", "name")
            for photo_id, name in labels.values_list("photo_id", "name"):
                said[photo_id].append(name)
            return {key: (names[:1], len(names)) for key, names in said.items()}
        case Kind.TEXT:
            lines = TextLine.objects.filter(analysis__in=of).order_by("position")
            for photo_id, text in lines.values_list("photo_id", "text"):
                said[photo_id].append(text)
            return {
                key: ("".join("".join(texts).split()), len(texts)) for key, texts in said.items()
            }
        case Kind.FACES:
            counts = Face.objects.filter(analysis_id__in=of).values_list("photo_id")
            faces = dict(counts.annotate(Count("id")))
            return {key: (faces.get(key, 0), faces.get(key, 0)) for key in said}
        case Kind.MODERATION:
            return {
                each.photo_id: (moderation_verdict(each.moderation_score) != Photo.Moderation.OK, 0)
                for each in analyses
                if each.moderation_score is not None
            }
    return {}


def _judge(kind: Kind, model: str, photo_ids: list[UUID]) -> list[bool]:
    """Whether the model was right, for each of people's verdicts on these photos."""
    match kind:
        case Kind.LABELS:
            verdicts = LabelVerdict.objects.filter(photo__in=photo_ids)
            given = Label.objects.filter(photo=OuterRef("photo"), name=OuterRef("name"))
            given = given.filter(analysis__model=model)
            return [
                correct == is_given
                for correct, is_given in verdicts.annotate(is_given=Exists(given)).values_list(
                    "correct", "is_given"
                )
            ]
        case Kind.FACES:
            faces = Face.objects.filter(photo__in=photo_ids).defer("embedding")
            found: dict[UUID, list[Face]] = {}
            named: dict[tuple[UUID, UUID], Face] = {}
            for face in faces:
                if face.model == model:
                    found.setdefault(face.photo_id, []).append(face)
                if face.confirmed and face.person_id is not None:
                    # The same face by two models is one word.
                    named[face.photo_id, face.person_id] = face
            return [
                any(overlap(one, face) >= SAME_FACE_OVERLAP for one in found.get(photo_id, []))
                for (photo_id, _), face in named.items()
            ]
        case Kind.MODERATION:
            blocked = dict(
                ModerationVerdict.objects.filter(photo__in=photo_ids).values_list(
                    "photo_id", "blocked"
                )
            )
            analyses = Analysis.objects.filter(photo__in=blocked, kind=kind, model=model)
            return [
                (moderation_verdict(score) != Photo.Moderation.OK) == blocked[photo_id]
                for photo_id, score in analyses.values_list("photo_id", "moderation_score")
                if score is not None
            ]
    return []

"""Photos with all that the back-office shows of them."""

from django.db.models import Prefetch, QuerySet

from backend.analysis.models import Label, TextLine
from backend.people.models import Face
from backend.photos.models import Photo
from backend.registry.selectors import active_model
from functions.contract import Kind


def with_details(photos: QuerySet[Photo]) -> QuerySet[Photo]:
    """With the findings of active models and what people said, in six queries more."""
    labels = Label.objects.filter(analysis__model=active_model(Kind.LABELS))
    faces = Face.objects.filter(model=active_model(Kind.FACES)).select_related("person")
    return photos.prefetch_related(
        *("tags", "analyses", "label_verdicts"),
        Prefetch("labels", labels.select_related("analysis")),
        Prefetch("faces", faces.defer("embedding")),
        Prefetch("text_lines", TextLine.objects.filter(analysis__model=active_model(Kind.TEXT))),
    )

"""What the back-office's templates ask for."""

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from admin import pictures
from admin.words import say as say_words
from admin.words import say_value
from backend.analysis.models import Label
from backend.people.models import Face, Person
from backend.photos.models import Photo

register = template.Library()


@register.simple_tag
def say(english: str, **values: object) -> str:
    """The sentence in the reader's language."""
    return str(say_words(english, **values))


@register.filter
def thumbnail(photo: Photo) -> SafeString:
    return pictures.thumbnail(photo)


@register.filter
def face_crop(face: Face) -> SafeString:
    return pictures.face_crop(face)


@register.filter
def person_name(person: Person) -> str:
    return person.name or str(say_words("Unnamed {id}", id=str(person.id)[-6:]))


@register.filter
def label_name(label: Label) -> str:
    """In the reader's language."""
    return label_words(label)[0]


@register.filter
def other_label_name(label: Label) -> str:
    """In the language that the reader did not choose."""
    return label_words(label)[1]


@register.filter
def value_name(value: str) -> str:
    """A state or a kind, in the reader's language."""
    return say_value(value)


@register.filter
def per_cent(fraction: float | None) -> str:
    return "" if fraction is None else f"{100 * fraction:.0f} %"


def label_words(label: Label) -> tuple[str, str]:
    """Both names of a label, the reader's language first."""
    if (get_language() or "").startswith("zh"):
        return label.name_zh or label.name, label.name
    return label.name, label.name_zh

"""Photos and faces as HTML.

Places on a photo are SVG attributes and never inline styles, so that a content security policy
may forbid those.
"""

from dataclasses import dataclass

from django.utils.html import format_html
from django.utils.safestring import SafeString

from admin.words import say, say_value
from backend.api.objects import object_url
from backend.people.models import Face
from backend.photos.models import Photo
from functions.contract import RENDITION_SIDES, Rendition

_CROP_MARGIN = 1.6  # sides of a face's crop, in sides of its box: hair and chin belong to it
_CROP_PIXELS = 96  # a crop with fewer pixels of the thumbnail is cut from the preview

_SENSITIVE = (Photo.Moderation.REVIEW, Photo.Moderation.BLOCKED)


def is_sensitive(photo: Photo) -> bool:
    """A picture to blur until somebody asks to see it."""
    return photo.moderation_verdict in _SENSITIVE


def thumbnail(photo: Photo) -> SafeString:
    """The small picture, or its place with a word on why there is none yet."""
    url = object_url(photo, "thumbnail")
    if url is None:
        return format_html('<span class="thumb thumb-empty">{}</span>', say("No picture"))
    return format_html(
        '<img class="thumb{}" src="{}" alt="" loading="lazy" width="96" height="72">',
        " sensitive" if is_sensitive(photo) else "",
        url,
    )


def state_badge(photo: Photo) -> SafeString:
    state = "trashed" if photo.trashed_at is not None else photo.status
    return format_html('<span class="badge badge-{}">{}</span>', state, say_value(state))


@dataclass(frozen=True, kw_only=True)
class Square:
    """In pixels of the upright photo."""

    left: float
    top: float
    side: float


def crop_square(face: Face, *, width: int, height: int) -> Square:
    """The square round a face that lies inside the photo as far as it can.

    Where the photo is too narrow for hair and chin it holds the face alone.
    """
    face_side = max(face.width * width, face.height * height)
    side = min(_CROP_MARGIN * face_side, max(face_side, min(width, height)))
    left = (face.left + face.width / 2) * width - side / 2
    top = (face.top + face.height / 2) * height - side / 2
    return Square(
        left=max(0.0, min(left, width - side)) if side <= width else (width - side) / 2,
        top=max(0.0, min(top, height - side)) if side <= height else (height - side) / 2,
        side=side,
    )


def face_crop(face: Face) -> SafeString:
    """A face, cut out of its photo's rendition by the browser."""
    photo = face.photo
    if not (photo.has_renditions and photo.width and photo.height):
        return SafeString('<span class="face-crop thumb-empty">?</span>')
    square = crop_square(face, width=photo.width, height=photo.height)
    shrunk = RENDITION_SIDES[Rendition.THUMBNAIL] / max(photo.width, photo.height)
    name = "thumbnail" if square.side * shrunk >= _CROP_PIXELS else "preview"
    return format_html(
        '<svg class="face-crop{}" viewBox="{} {} {} {}" role="img" aria-label="{}">'
        '<image href="{}" width="{}" height="{}" preserveAspectRatio="none"/></svg>',
        " sensitive" if is_sensitive(photo) else "",
        f"{square.left:.1f}",
        f"{square.top:.1f}",
        f"{square.side:.1f}",
        f"{square.side:.1f}",
        str(face.person) if face.person else say("Somebody"),
        object_url(photo, name) or "",
        photo.width,
        photo.height,
    )


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A box drawn over a photo, in per cent as SVG writes them; `foot` is where its name stands."""

    left: str
    top: str
    width: str
    height: str
    middle: str
    foot: str
    name: str
    confirmed: bool = True


def mark(
    *, left: float, top: float, width: float, height: float, name: str, confirmed: bool = True
) -> Mark:
    # Near the lower edge the name flips above the box.
    foot = top + height + 0.035 if top + height < 0.94 else max(top - 0.012, 0.03)
    return Mark(
        left=f"{100 * left:.2f}%",
        top=f"{100 * top:.2f}%",
        width=f"{100 * width:.2f}%",
        height=f"{100 * height:.2f}%",
        middle=f"{100 * (left + width / 2):.2f}%",
        foot=f"{100 * foot:.2f}%",
        name=name,
        confirmed=confirmed,
    )

"""Telling the same picture again from another one: through the product's own inspection,
features and groups, on labelled files and on copies made of other photos.

The labelled files are few, so that copies of known kinds are made of photos that are all
different: resized, compressed, cropped, brightened, framed. A pair is right if both files show
the same picture; it is found if the product puts both into one group.
"""

import io
import itertools
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageEnhance, ImageOps

from backend.accounts.models import User
from backend.analysis.duplicates import find_duplicates
from backend.analysis.models import GroupedPhoto
from backend.photos.models import Photo
from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.evaluation_data import captions, labelled_photos, read_rows
from benchmarks.recording import record_findings
from functions.contract import MODELS, Kind
from functions.errors import AnalysisError
from functions.handlers import analyse
from functions.inspection import inspect

# Pictures that labels.csv lists in several groups; by their bytes, or seen by eye (a green
# circle, a red cross; as GIF, JPEG and PNG).
_SAME = {
    "distractor_ukbench/ukbench09380": "ukbench09380_formats",
    "md5coll_free_gif/md5-1": "circle",
    "md5coll_free_jpg/md5-1": "circle",
    "md5coll_free_png/md5-1": "circle",
    "md5coll_free_gif/md5-2": "cross",
    "md5coll_free_jpg/md5-2": "cross",
    "md5coll_free_png/md5-2": "cross",
}
COPIED = 150  # photos that copies are made of, unless a limit is given


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A file to upload. shows: what it is a picture of. change: what was done to it, if known."""

    data: bytes
    shows: str
    change: str


def measure_duplicates(errand: Errand) -> list[TaskReport]:
    report = TaskReport("Duplicates: pairs of files that show the same picture")
    labelled = _labelled_pictures(errand)
    _measure(report, "labelled files", labelled, errand)
    made = _made_pictures(errand)
    precision, recall = _measure(report, "copies made", made, errand)
    report.must_reach("precision, copies made", precision, 0.98)
    report.must_reach("recall, copies made", recall, 0.95)
    report.notes += [
        "turned, mirrored: the product does not look for them; edited: cropped, in black and white",
        "bursts have no labelled files here: their rule adds a time within 3 s, one camera",
    ]
    return [report]


def _labelled_pictures(errand: Errand) -> list[Picture]:
    pictures = []
    for row in read_rows(errand.data / "duplicates" / "labels.csv"):
        path = Path(row["path"])
        place = f"{path.parent.name}/{path.stem}"
        alone = row["group"].startswith(("distractor", "md5coll"))
        change = row["relation"] if row["relation"] in ("_hflip", "_rotation", "rotated") else ""
        pictures.append(
            Picture(
                data=(errand.data / path).read_bytes(),
                shows=_SAME.get(place, place if alone else row["group"]),
                change="turned" if change else "edited" if path.stem == "IMG_E4120" else "",
            )
        )
    return pictures


def _made_pictures(errand: Errand) -> list[Picture]:
    paths = list(dict.fromkeys(caption.path for caption in captions(errand.data)))
    paths += [photo.path for photo in labelled_photos(errand.data, dataset="coco")]
    paths += [photo.path for photo in labelled_photos(errand.data, dataset="imagenet")]
    paths = [path for path in paths if path.suffix in (".jpg", ".jpeg", ".JPEG")]
    paths = list(dict.fromkeys(paths))
    count = min(errand.limit or COPIED, len(paths))
    # Spread over all sets; the others are only there to be mistaken for them.
    copied = {paths[place * len(paths) // count] for place in range(count)}
    pictures = []
    for number, path in enumerate(errand.few(paths[::2]) + sorted(copied - set(paths[::2]))):
        pictures.append(Picture(data=path.read_bytes(), shows=str(path), change=""))
        if path in copied:
            with Image.open(path) as file:
                image = ImageOps.exif_transpose(file).convert("RGB")
            name, change = list(_CHANGES.items())[number % len(_CHANGES)]
            pictures.append(Picture(data=change(image), shows=str(path), change=name))
    return pictures


def _encode(image: Image.Image, quality: int = 90) -> bytes:
    file = io.BytesIO()
    image.save(file, "JPEG", quality=quality)
    return file.getvalue()


def _crop(image: Image.Image) -> bytes:
    width, height = image.size
    return _encode(image.crop((width // 50, height // 50, width * 49 // 50, height * 49 // 50)))


_CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "half the size": lambda image: _encode(ImageOps.scale(image, 0.5)),
    "compressed at 30": lambda image: _encode(image, quality=30),
    "a fifth brighter": lambda image: _encode(ImageEnhance.Brightness(image).enhance(1.2)),
    "2 % cropped a side": _crop,
    "in black and white": lambda image: _encode(ImageOps.grayscale(image)),
}


def _measure(
    report: TaskReport, title: str, pictures: list[Picture], errand: Errand
) -> tuple[float, float]:
    """Rows for all pairs and for each change. Returns precision and recall of the pairs."""
    errand.tell(f"Comparing {len(pictures)} files: {title} ...")
    owner = User.objects.create_user(f"accuracy-{uuid.uuid4().hex}", password=None)
    added = [(picture, _add(owner, picture)) for picture in pictures]
    known = [(picture, photo) for picture, photo in added if photo is not None]
    while find_duplicates(limit=100):
        pass
    groups = dict(GroupedPhoto.objects.values_list("photo_id", "group_id"))
    wrong, found, missed = 0, Counter[str](), Counter[str]()
    for (left, one), (right, other) in itertools.combinations(known, 2):
        together = one.id in groups and groups[one.id] == groups.get(other.id)
        if left.shows != right.shows:
            wrong += together
            continue
        name = left.change or right.change
        (found if together else missed)[name] += 1
    # What the product does not look for counts neither way.
    asked = {name for name in (*found, *missed) if name not in ("turned", "edited")}
    hits = sum(found[name] for name in asked)
    pairs = hits + sum(missed[name] for name in asked)
    precision = hits / (hits + wrong) if hits + wrong else 1.0
    recall = hits / pairs if pairs else 1.0
    report.add(
        title,
        {
            "files": len(known),
            "not readable": len(pictures) - len(known),
            "pairs": pairs,
            "found": hits,
            "wrong": wrong,
            "precision": precision,
            "recall": recall,
        },
    )
    for name in sorted({*found, *missed} - {""}):
        hit, every = found[name], found[name] + missed[name]
        report.add(f"  {name}", {"pairs": every, "found": hit, "recall": hit / every})
    Photo.objects.filter(owner=owner).delete()
    return precision, recall


def _add(owner: User, picture: Picture) -> Photo | None:
    """The photo with what the functions find in it; None if it cannot be decoded."""
    try:
        inspection = inspect(picture.data)
    except AnalysisError:
        return None
    photo = Photo.objects.create(
        owner=owner,
        filename="a.jpg",
        content_type="image/jpeg",
        size=len(picture.data),
        sha256=uuid.uuid4().hex * 2,
        status=Photo.Status.READY,
    )
    labels = analyse(Kind.LABELS, MODELS[Kind.LABELS][0], inspection.pixels)
    record_findings(photo, Kind.INSPECTION, inspection.findings)
    record_findings(photo, Kind.LABELS, labels)
    # The rule for copies is measured; what a camera wrote into both of them would help it.
    Photo.objects.filter(id=photo.id).update(taken_at=None)
    return photo

"""Files to upload: freely licensed photos as they are, and many small ones made of them."""

import functools
import io
from pathlib import Path

from PIL import Image, ImageEnhance

from backend.embedded.process import ROOT
from tests.album import File

_FOLDERS = (ROOT / "functions/tests/photos", Path(__file__).parent / "photos")
_TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
_MOTIFS = ("astronaut.png", "chelsea.png", "coffee.png", "grace_hopper.jpg", "rocket.jpg")
_SIDE = 320


def photo_file(name: str) -> File:
    """One of the photos that the repository holds."""
    for folder in _FOLDERS:
        path = folder / name
        if path.exists():
            return File(name=name, data=path.read_bytes(), content_type=_TYPES[path.suffix])
    raise FileNotFoundError(name)


def small_photos(count: int, *, series: str) -> list[File]:
    """So many JPEGs of different bytes, cut out of different photos; faces are among them.

    series: files of two series differ too.
    """
    files = [_small_photo(number, series) for number in range(count)]
    assert len({file.sha256 for file in files}) == count
    return files


def _small_photo(number: int, series: str) -> File:
    image = _motif(_MOTIFS[number % len(_MOTIFS)])
    step = number // len(_MOTIFS)
    # Cut off a little more each time, from a different side, a little darker or brighter.
    cut = [0, 0, 0, 0]
    cut[step % 4] = 3 * step
    left, top, right, bottom = cut
    image = image.crop((left, top, image.width - right, image.height - bottom))
    image = ImageEnhance.Brightness(image).enhance(0.85 + 0.02 * step)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=85, comment=f"{series} {number}")
    return File(name=f"{series}-{number:03}.jpg", data=data.getvalue())


@functools.cache
def _motif(name: str) -> Image.Image:
    with Image.open(io.BytesIO(photo_file(name).data)) as image:
        upright = image.convert("RGB")
    upright.thumbnail((_SIDE, _SIDE))
    return upright


def travel_photo() -> File:
    """A photo whose EXIF says when, with what and where: Florence."""
    image = _motif("rocket.jpg")
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "FUJIFILM", "X-T4"
    details = exif.get_ifd(0x8769)
    details[0x9003] = "2021:06:12 18:30:00"
    details[0x9011] = "+02:00"
    position = exif.get_ifd(0x8825)
    position[1], position[2] = "N", (43.0, 46.0, 10.2)
    position[3], position[4] = "E", (11.0, 15.0, 15.9)
    data = io.BytesIO()
    image.save(data, "JPEG", quality=90, exif=exif)
    return File(name="IMG_4711.jpg", data=data.getvalue())

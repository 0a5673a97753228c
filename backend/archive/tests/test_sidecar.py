"""Sidecars say in XMP what the album says, as others read it."""

import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from PIL import Image, ImageOps

from backend.archive.sidecar import sidecar, stored_area
from backend.photos.cleaning import jpeg_orientation

SPACES = {
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
}
BOX = {"left": 0.1, "top": 0.2, "width": 0.2, "height": 0.4}


def document(**values: Any) -> dict[str, Any]:
    plain = {"description": "", "favorite": False, "tags": [], "taken_at": None, "location": None}
    return plain | {"faces": [], "width": 400, "height": 300} | values


def read(data: bytes) -> Any:
    about = ElementTree.fromstring(data).find("rdf:RDF/rdf:Description", SPACES)
    assert about is not None
    return about


def text(about: Any, path: str) -> list[str]:
    return [found.text for found in about.findall(path, SPACES)]


def test_words_are_said() -> None:
    about = read(
        sidecar(
            document(description="<a> & 小明\x01", tags=["夏天", "sea"], favorite=True),
            orientation=1,
        )
    )
    assert text(about, "dc:description/rdf:Alt/rdf:li") == ["<a> & 小明"]
    assert text(about, "dc:subject/rdf:Bag/rdf:li") == ["夏天", "sea"]
    assert text(about, "xmp:Rating") == ["5"]


def test_what_nobody_said_is_not_said() -> None:
    about = read(sidecar(document(), orientation=1))
    assert [child.tag.rpartition("}")[2] for child in about] == ["Orientation"]


def test_when_and_where() -> None:
    location = {
        "latitude": -33.9250000,
        "longitude": 151.1999999,
        "altitude": -12.5,
        "country": "Australia",
        "region": "",
        "city": "Sydney",
    }
    about = read(
        sidecar(document(taken_at="2023-05-01T18:30:00+02:00", location=location), orientation=1)
    )
    assert text(about, "exif:DateTimeOriginal") == ["2023-05-01T18:30:00+02:00"]
    assert text(about, "exif:GPSLatitude") == ["33,55.500000S"]
    assert text(about, "exif:GPSLongitude") == ["151,11.999994E"]
    assert text(about, "exif:GPSAltitude") == ["1250/100"]
    assert text(about, "exif:GPSAltitudeRef") == ["1"]


def test_faces_of_named_people_are_regions_in_the_stored_picture() -> None:
    faces = [
        {"box": BOX, "person": "1", "name": "小明"},
        {"box": BOX, "person": "1", "name": "小明"},  # as another model saw it
        {"box": BOX, "person": "2", "name": ""},
        {"box": BOX, "person": None, "name": ""},
    ]
    about = read(sidecar(document(faces=faces), orientation=6))
    regions = "mwg-rs:Regions/mwg-rs:RegionList/rdf:Bag/rdf:li"
    assert text(about, f"{regions}/mwg-rs:Name") == ["小明"]
    assert text(about, f"{regions}/mwg-rs:Type") == ["Face"]
    area = [text(about, f"{regions}/mwg-rs:Area/stArea:{side}")[0] for side in "xywh"]
    assert [float(side) for side in area] == pytest.approx([0.4, 0.8, 0.4, 0.2])
    size = "mwg-rs:Regions/mwg-rs:AppliedToDimensions/stDim"
    assert text(about, f"{size}:w") + text(about, f"{size}:h") == ["300", "400"]
    assert text(about, "tiff:Orientation") == ["6"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_area_is_where_the_face_is_in_the_stored_pixels(
    orientation: int, tmp_path: Path
) -> None:
    """Pillow turns the stored picture upright; the area must name the pixels that it moved."""
    stored = Image.new("L", (100, 60))
    upright_size = (60, 100) if orientation > 4 else (100, 60)
    box = {"left": 0.1, "top": 0.2, "width": 0.3, "height": 0.1}
    x, y, w, h = stored_area(box, orientation=orientation)
    left, top = round((x - w / 2) * 100), round((y - h / 2) * 60)
    stored.paste(255, (left, top, left + round(w * 100), top + round(h * 60)))
    sink = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save(sink, "JPEG", quality=100, exif=exif)
    assert jpeg_orientation(sink.getvalue()) == orientation
    with Image.open(sink) as picture:
        upright = ImageOps.exif_transpose(picture)
    assert upright.size == upright_size
    found = upright.point(lambda value: 255 if value > 128 else 0).getbbox()
    width, height = upright_size
    wanted = (0.1 * width, 0.2 * height, 0.4 * width, 0.3 * height)
    assert found == tuple(round(side) for side in wanted)


@pytest.mark.parametrize(
    "head", [b"", b"\xff\xd8", b"\xff\xd8\xff\xe1\x00", b"\xff\xd8\xff\xff\xff"]
)
def test_a_broken_head_tells_nothing(head: bytes) -> None:
    assert jpeg_orientation(head) == 1

"""What is said of a photo as XMP, which digiKam, darktable, exiftool and others read.

Names and forms are those of Adobe's XMP specification, of EXIF in XMP, and of the Metadata
Working Group's regions, whose areas have their middle as x and y, in the picture as it is stored:
before its orientation is applied.
"""

from typing import Any
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from backend.archive.documents import Document

_SPACES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "exif": "http://ns.adobe.com/exif/1.0/",
    "tiff": "http://ns.adobe.com/tiff/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
}
for _prefix, _address in _SPACES.items():
    register_namespace(_prefix, _address)

FAVORITE_RATING = 5
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def sidecar(document: Document, *, orientation: int) -> bytes:
    """The XMP file beside an original, from its document.

    orientation: of the stored pixels, as EXIF counts it.
    """
    root = Element(_name("x:xmpmeta"))
    holder = SubElement(root, _name("rdf:RDF"))
    about = SubElement(holder, _name("rdf:Description"), {_name("rdf:about"): ""})
    _add_simple(about, _simple_values(document, orientation=orientation))
    if document["description"]:
        _add_list(about, "dc:description", "rdf:Alt", [document["description"]])
    if document["tags"]:
        _add_list(about, "dc:subject", "rdf:Bag", document["tags"])
        _add_list(about, "digiKam:TagsList", "rdf:Seq", document["tags"])
    if regions := named_regions(document["faces"]):
        _add_regions(about, document, regions, orientation=orientation)
    indent(root)
    data: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return data


def _simple_values(document: Document, *, orientation: int) -> dict[str, str]:
    values = {"tiff:Orientation": str(orientation)}
    if document["favorite"]:
        values["xmp:Rating"] = str(FAVORITE_RATING)
    if document["taken_at"]:
        for name in ("exif:DateTimeOriginal", "xmp:CreateDate", "photoshop:DateCreated"):
            values[name] = document["taken_at"]
    location = document["location"]
    if location:
        values["exif:GPSLatitude"] = _degrees(location["latitude"], "NS")
        values["exif:GPSLongitude"] = _degrees(location["longitude"], "EW")
        if location["altitude"] is not None:
            values["exif:GPSAltitude"] = f"{round(abs(location['altitude']) * 100)}/100"
            values["exif:GPSAltitudeRef"] = "1" if location["altitude"] < 0 else "0"
        for name, part in (("City", "city"), ("State", "region"), ("Country", "country")):
            if location[part]:
                values[f"photoshop:{name}"] = location[part]
    return values


def _degrees(value: float, signs: str) -> str:
    """Degrees and minutes as EXIF writes them in XMP: 43,28.080000N."""
    millionths = round(abs(value) * 60_000_000)  # of a minute
    degrees, rest = divmod(millionths, 60_000_000)
    return f"{degrees},{rest // 1_000_000}.{rest % 1_000_000:06}{signs[value < 0]}"


def named_regions(faces: list[Document]) -> list[Document]:
    """Faces of people with names, each once: two models may have seen the same face."""
    found: dict[str, Document] = {}
    for face in faces:
        if face.get("name"):
            found.setdefault(face["person"], face)
    return list(found.values())


def _add_simple(parent: Element, values: dict[str, str]) -> None:
    for name, value in values.items():
        SubElement(parent, _name(name)).text = clean_xml(value)


def _add_list(parent: Element, name: str, kind: str, values: list[str]) -> None:
    items = SubElement(SubElement(parent, _name(name)), _name(kind))
    for value in values:
        attributes = {_LANGUAGE: "x-default"} if kind == "rdf:Alt" else {}
        SubElement(items, _name("rdf:li"), attributes).text = clean_xml(value)


def _add_regions(
    about: Element, document: Document, faces: list[Document], *, orientation: int
) -> None:
    regions = _structure(about, "mwg-rs:Regions")
    width, height = document["width"] or 0, document["height"] or 0
    if orientation > 4:
        width, height = height, width
    size = {"stDim:w": str(width), "stDim:h": str(height), "stDim:unit": "pixel"}
    _add_simple(_structure(regions, "mwg-rs:AppliedToDimensions"), size)
    bag = SubElement(SubElement(regions, _name("mwg-rs:RegionList")), _name("rdf:Bag"))
    for face in faces:
        region = _structure(bag, "rdf:li")
        _add_simple(region, {"mwg-rs:Name": face["name"], "mwg-rs:Type": "Face"})
        x, y, w, h = stored_area(face["box"], orientation=orientation)
        area = {"stArea:x": x, "stArea:y": y, "stArea:w": w, "stArea:h": h}
        texts = {name: f"{value:.6f}" for name, value in area.items()}
        _add_simple(_structure(region, "mwg-rs:Area"), texts | {"stArea:unit": "normalized"})


def _structure(parent: Element, name: str) -> Element:
    return SubElement(parent, _name(name), {_name("rdf:parseType"): "Resource"})


def stored_area(box: dict[str, Any], *, orientation: int) -> tuple[float, float, float, float]:
    """Middle and size, in the stored picture, of a box in the upright one."""
    x, y = box["left"] + box["width"] / 2, box["top"] + box["height"] / 2
    w, h = box["width"], box["height"]
    return {
        1: (x, y, w, h),
        2: (1 - x, y, w, h),
        3: (1 - x, 1 - y, w, h),
        4: (x, 1 - y, w, h),
        5: (y, x, h, w),
        6: (y, 1 - x, h, w),
        7: (1 - y, 1 - x, h, w),
        8: (1 - y, x, h, w),
    }[orientation]


def clean_xml(text: str) -> str:
    """The text without signs that no XML holds."""
    return "".join(
        sign
        for sign in text
        if sign in "\t\n\r"
        or " " <= sign <= "\ud7ff"
        or "\ue000" <= sign <= "\ufffd"
        or sign >= "\U00010000"
    )


def _name(prefixed: str) -> str:
    prefix, _, name = prefixed.partition(":")
    return f"{{{_SPACES[prefix]}}}{name}"

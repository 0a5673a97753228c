"""When, where and with what a photo was taken, as far as its file says so and can be believed.

Everything here reads what a stranger wrote: what is damaged, out of range or absurd is left
out, and nothing raises.
"""

import html
import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone

from PIL import Image

from functions.contract import Camera, Location
from functions.exif import Exif, Tags, Value, numbers, read_exif

# Nobody took a photo before Niépce did.
_FIRST_PHOTO_YEAR = 1826
_MAX_NAME = 100
# Standard XMP is at most 64 kB; the rest of an extended packet holds depth maps and the like.
_MAX_XMP_BYTES = 1_000_000

# How far a camera's clock may be from GPS time, after taking a time zone off, to be believed.
_CLOCK_TOLERANCE = timedelta(minutes=5)
_QUARTER = timedelta(minutes=15)
_ZONES = (timedelta(hours=-12), timedelta(hours=14))

_EXIF_DATE = re.compile(
    r"\s*(\d{4})[:/.-](\d\d?)[:/.-](\d\d?)[\sT]+(\d\d?):(\d\d?):(\d\d?)(?:\.(\d+))?"
    r"\s*(Z|[+-]\d\d:?\d\d)?"
)
_XMP_DATE = re.compile(
    r"\s*(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?"
    r"\s*(Z|[+-]\d\d:?\d\d)?)?)?)?\s*"
)
_ZONE = re.compile(r"\s*([+-])(\d\d?):?(\d\d)\s*")
_XMP_DEGREES = re.compile(
    r"\s*(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])\s*"
)

# Date, its time zone, its fraction of a second; in the order of belief.
_TAKEN_TAGS = ((0x9003, 0x9011, 0x9291), (0x9004, 0x9012, 0x9292))
# When the file was changed: better than nothing, so it is asked last.
_CHANGED_TAGS = (0x0132, 0x9010, 0x9290)
_XMP_DATES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "xmp:CreateDate")


@dataclass(frozen=True, kw_only=True)
class Metadata:
    taken_at: str | None = None
    taken_at_source: str = "none"  # see contract.InspectionFindings
    camera: Camera = field(default_factory=Camera)
    location: Location | None = None
    orientation: int = 1  # 1-8, as EXIF counts them


def read_metadata(image: Image.Image, data: bytes, *, now: datetime | None = None) -> Metadata:
    """What the file of an opened, not yet decoded, image says about its making. Never raises.

    data: the whole file; a TIFF's tags are in the file itself.
    now:  the moment after which, but for a day, no photo can have been taken.
    """
    exif = read_exif(_exif_block(image, data))
    xmp = _xmp_text(image)
    taken_at, source = _find_taken_at(exif, xmp, now=now or datetime.now(UTC))
    return Metadata(
        taken_at=taken_at,
        taken_at_source=source,
        camera=_find_camera(exif, xmp),
        location=_find_location(exif.gps, xmp),
        orientation=_find_orientation(exif.image),
    )


def _exif_block(image: Image.Image, data: bytes) -> bytes:
    if image.format == "TIFF":
        return data
    block = image.info.get("exif")
    if isinstance(block, bytes):
        return block
    # ImageMagick's way in PNG: "\nexif\n<length>\n" and hexadecimal digits.
    profile = image.info.get("Raw profile type exif") or image.info.get("Raw profile type APP1")
    if isinstance(profile, str):
        digits = "".join(profile.split("\n")[3:])
        try:
            return bytes.fromhex(digits)
        except ValueError:
            return b""
    return b""


def _xmp_text(image: Image.Image) -> str:
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
    if isinstance(packet, bytes):
        packet = packet[:_MAX_XMP_BYTES].decode("utf-8", "replace")
    return packet[:_MAX_XMP_BYTES] if isinstance(packet, str) else ""


def _find_xmp(xmp: str, name: str) -> str:
    """A simple property's text, written as attribute, element or first item of a list.

    Found by pattern, not by an XML parser: a stranger's XML can be a bomb of entities, and
    the prefixes are fixed in every writer seen.
    """
    if name not in xmp:
        return ""
    pattern = (
        rf"""{name}(?:\s*=\s*["']([^"'<]{{0,200}})["']|\s*>(?:\s*<rdf:\w+>)*([^<]{{0,200}})<)"""
    )
    found = re.search(pattern, xmp)
    return html.unescape((found[1] or found[2] or "").strip()) if found else ""


def _find_orientation(tags: Tags) -> int:
    value = _positive(tags.get(0x0112), most=8)
    return int(value) if value and value >= 1 else 1


def _find_taken_at(exif: Exif, xmp: str, *, now: datetime) -> tuple[str | None, str]:
    for date_tag, zone_tag, fraction_tag in _TAKEN_TAGS:
        moment = _read_exif_date(exif.photo, date_tag, zone_tag, fraction_tag)
        if moment and _is_believable(moment, now):
            return _with_zone(moment, exif.gps)
    for name in _XMP_DATES:
        moment = _parse_date(_XMP_DATE, _find_xmp(xmp, name), fraction="")
        if moment and _is_believable(moment, now):
            return _format(moment), "xmp"
    date_tag, zone_tag, fraction_tag = _CHANGED_TAGS
    moment = _read_exif_date(exif.image | exif.photo, date_tag, zone_tag, fraction_tag)
    if moment and _is_believable(moment, now):
        return _format(moment), "exif_local" if moment.tzinfo is None else "exif_offset"
    return None, "none"


def _read_exif_date(tags: Tags, date: int, zone: int, fraction: int) -> datetime | None:
    moment = _parse_date(_EXIF_DATE, _text(tags.get(date)), fraction=_text(tags.get(fraction)))
    if moment and moment.tzinfo is None:
        moment = moment.replace(tzinfo=_parse_zone(_text(tags.get(zone))))
    return moment


def _parse_date(pattern: re.Pattern[str], text: str, *, fraction: str) -> datetime | None:
    found = pattern.match(text)
    if not found:
        return None
    *parts, own_fraction, zone = found.groups()
    year, month, day, hour, minute, second = (
        int(part) if part else least for part, least in zip(parts, (0, 1, 1, 0, 0, 0), strict=True)
    )
    digits = own_fraction or (fraction if fraction.isascii() and fraction.isdigit() else "")
    try:
        return datetime(
            year,
            month,
            day,
            hour,
            minute,
            second,
            int(digits[:6].ljust(6, "0") or 0),
            tzinfo=_parse_zone(zone or ""),
        )
    except ValueError:
        return None


def _parse_zone(text: str) -> timezone | None:
    if text == "Z":
        return UTC
    found = _ZONE.fullmatch(text)
    if not found:
        return None
    offset = timedelta(hours=int(found[2]), minutes=int(found[3]))
    offset = -offset if found[1] == "-" else offset
    return timezone(offset) if _ZONES[0] <= offset <= _ZONES[1] else None


def _is_believable(moment: datetime, now: datetime) -> bool:
    # Without a time zone the day of grace covers every zone there is.
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.year >= _FIRST_PHOTO_YEAR and moment <= now + timedelta(days=1)


def _with_zone(moment: datetime, gps: Tags) -> tuple[str, str]:
    if moment.tzinfo:
        return _format(moment), "exif_offset"
    satellite = _read_gps_time(gps)
    if satellite:
        difference = moment - satellite
        offset = round(difference / _QUARTER) * _QUARTER
        if abs(difference - offset) <= _CLOCK_TOLERANCE and _ZONES[0] <= offset <= _ZONES[1]:
            return _format(moment.replace(tzinfo=timezone(offset))), "exif_gps"
    return _format(moment), "exif_local"


def _read_gps_time(gps: Tags) -> datetime | None:
    """UTC, without a time zone attached, so that it can be taken off a local time."""
    date = re.match(r"(\d{4})[:/.-](\d\d?)[:/.-](\d\d?)", _text(gps.get(0x001D)))
    clock = numbers(gps.get(0x0007))
    if not date or len(clock) != 3:
        return None
    seconds = 0.0
    for part, weight in zip(clock, (3600, 60, 1), strict=True):
        if part is None or not 0 <= part < 86400:
            return None
        seconds += part * weight
    try:
        return datetime(int(date[1]), int(date[2]), int(date[3])) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _format(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")


def _find_camera(exif: Exif, xmp: str) -> Camera:
    image, photo = exif.image, exif.photo
    exposure = _positive(photo.get(0x829A), most=1e6) or _fraction(
        _find_xmp(xmp, "exif:ExposureTime"), most=1e6
    )
    lens = (
        _text(photo.get(0xA434)) or _find_xmp(xmp, "exifEX:LensModel") or _find_xmp(xmp, "aux:Lens")
    )
    return Camera(
        make=_name(_text(image.get(0x010F)) or _find_xmp(xmp, "tiff:Make")),
        model=_name(_text(image.get(0x0110)) or _find_xmp(xmp, "tiff:Model")),
        lens=_name(lens),
        iso=_find_iso(photo, xmp),
        f_number=_rounded(
            _positive(photo.get(0x829D), most=1000)
            or _fraction(_find_xmp(xmp, "exif:FNumber"), most=1000),
            digits=2,
        ),
        exposure=_format_exposure(exposure),
        focal_length=_rounded(
            _positive(photo.get(0x920A), most=100_000)
            or _fraction(_find_xmp(xmp, "exif:FocalLength"), most=100_000),
            digits=2,
        ),
    )


def _find_iso(photo: Tags, xmp: str) -> int | None:
    iso = _positive(photo.get(0x8827), most=10_000_000)
    # 65535 means "more than this tag can say"; then it is in one of the newer tags.
    if iso is None or iso >= 65535:
        newer = (_positive(photo.get(tag), most=10_000_000) for tag in (0x8833, 0x8832, 0x8831))
        iso = next((value for value in newer if value), iso)
    if iso is None:
        iso = _fraction(_find_xmp(xmp, "exif:ISOSpeedRatings"), most=10_000_000)
    return round(iso) or None if iso else None


def _format_exposure(seconds: float | None) -> str:
    if not seconds or seconds < 1e-6:
        return ""
    if seconds <= 0.25:
        return f"1/{round(1 / seconds)}"
    return f"{seconds:.1f}".removesuffix(".0")


def _find_location(gps: Tags, xmp: str) -> Location | None:
    latitude = _degrees(gps, ref=0x0001, value=0x0002, signs={"N": 1, "S": -1}, most=90)
    longitude = _degrees(gps, ref=0x0003, value=0x0004, signs={"E": 1, "W": -1}, most=180)
    altitude = _altitude(gps)
    if latitude is None or longitude is None:
        latitude = _xmp_degrees(
            _find_xmp(xmp, "exif:GPSLatitude"), signs={"N": 1, "S": -1}, most=90
        )
        longitude = _xmp_degrees(
            _find_xmp(xmp, "exif:GPSLongitude"), signs={"E": 1, "W": -1}, most=180
        )
        altitude = _xmp_altitude(xmp)
    # A receiver without a fix writes zeros: the spot in the Gulf of Guinea is not a place.
    if latitude is None or longitude is None or max(abs(latitude), abs(longitude)) < 1e-4:
        return None
    return Location(latitude=latitude, longitude=longitude, altitude=altitude)


def _degrees(gps: Tags, *, ref: int, value: int, signs: dict[str, int], most: int) -> float | None:
    sign = signs.get(_text(gps.get(ref))[:1].upper())
    parts = numbers(gps.get(value))[:3]
    if sign is None or not parts:
        return None
    degrees = 0.0
    for part, unit in zip(parts, (1, 60, 3600), strict=False):
        if part is None or not 0 <= part <= 360 * unit:
            return None
        degrees += part / unit
    return round(sign * degrees, 7) if degrees <= most else None


def _xmp_degrees(text: str, *, signs: dict[str, int], most: int) -> float | None:
    """ "43,28.0992N" (degrees, minutes) or "43,28,5.95N"."""
    found = _XMP_DEGREES.fullmatch(text)
    if not found or found[4] not in signs:
        return None
    degrees = int(found[1]) + float(found[2]) / 60 + float(found[3] or 0) / 3600
    return round(signs[found[4]] * degrees, 7) if degrees <= most else None


def _altitude(gps: Tags) -> float | None:
    value = numbers(gps.get(0x0006))
    if not value or value[0] is None:
        return None
    below = gps.get(0x0005)
    ref = below[0] if below else 0
    return _believable_altitude(-value[0] if ref in (1, 3) else value[0])


def _xmp_altitude(xmp: str) -> float | None:
    value = _fraction(_find_xmp(xmp, "exif:GPSAltitude"), most=1e6)
    if value is None:
        return None
    return _believable_altitude(-value if _find_xmp(xmp, "exif:GPSAltitudeRef") == "1" else value)


def _believable_altitude(metres: float) -> float | None:
    """From the deepest trench to where balloons end."""
    return round(metres, 2) if math.isfinite(metres) and -12_000 <= metres <= 60_000 else None


def _text(value: Value | None) -> str:
    """Up to the first NUL, on one line, without control characters."""
    if not isinstance(value, bytes):
        return ""
    raw = value.split(b"\x00", 1)[0]
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")
    return _one_line(text)


def _one_line(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())


def _name(text: str) -> str:
    return _one_line(text)[:_MAX_NAME].strip()


def _positive(value: Value | None, *, most: float) -> float | None:
    """The first number of a tag if it lies above zero and not above `most`."""
    first = numbers(value)[:1]
    if not first or first[0] is None or not 0 < first[0] <= most:
        return None
    return first[0]


def _fraction(text: str, *, most: float) -> float | None:
    """The value of "28/10" or "2.8" if it lies above zero and not above `most`."""
    found = re.fullmatch(r"(\d{1,12}(?:\.\d{1,12})?)(?:/(\d{1,12}))?", text)
    if not found or not float(found[2] or 1):
        return None
    value = float(found[1]) / float(found[2] or 1)
    return value if 0 < value <= most else None


def _rounded(value: float | None, *, digits: int) -> float | None:
    return (round(value, digits) or None) if value is not None else None

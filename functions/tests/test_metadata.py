"""What files say about their making, told well, badly and maliciously."""

import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from functions.exif import Exif, count_directories, read_exif
from functions.images import decode_photo
from functions.metadata import Metadata, read_metadata

# Pillow warns about damaged blocks, which these are meant to be.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:PIL")

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

MAKE, MODEL, ORIENTATION, CHANGED = 0x010F, 0x0110, 0x0112, 0x0132
PHOTO, GPS = 0x8769, 0x8825
TAKEN, DIGITIZED, OFFSET, FRACTION = 0x9003, 0x9004, 0x9011, 0x9291

HERE = {1: "N", 2: (43.0, 28.0, 2.814), 3: "E", 4: (11.0, 53.0, 6.46)}


def exif_block(
    *,
    image: dict[int, Any] | None = None,
    photo: dict[int, Any] | None = None,
    gps: dict[int, Any] | None = None,
) -> bytes:
    exif = Image.Exif()
    exif.update(image or {})
    exif.get_ifd(PHOTO).update(photo or {})
    exif.get_ifd(GPS).update(gps or {})
    block: bytes = exif.tobytes()
    return block


def read(block: bytes = b"", *, xmp: str = "") -> Metadata:
    image = Image.new("RGB", (1, 1))
    image.info = {"exif": block, "xmp": xmp.encode()}
    return read_metadata(image, b"", now=NOW)


def taken(photo: dict[int, Any], *, gps: dict[int, Any] | None = None) -> tuple[str | None, str]:
    metadata = read(exif_block(photo=photo, gps=gps))
    return metadata.taken_at, metadata.taken_at_source


def test_a_time_without_zone_is_local() -> None:
    assert taken({TAKEN: "2018:01:11 13:09:38"}) == ("2018-01-11T13:09:38", "exif_local")


def test_a_time_with_its_zone_keeps_it() -> None:
    assert taken({TAKEN: "2018:01:11 13:09:38", OFFSET: "+02:00"}) == (
        "2018-01-11T13:09:38+02:00",
        "exif_offset",
    )


def test_an_impossible_zone_is_left_out() -> None:
    for zone in ("+25:00", "   :  ", "abc", "+1"):
        assert taken({TAKEN: "2018:01:11 13:09:38", OFFSET: zone})[1] == "exif_local"


def test_fractions_of_a_second_are_kept() -> None:
    for fraction, expected in (("5", "500"), ("042", "042"), ("123456", "123"), ("x", None)):
        moment, _ = taken({TAKEN: "2018:01:11 13:09:38", FRACTION: fraction})
        assert moment == "2018-01-11T13:09:38" + (f".{expected}" if expected else "")


@pytest.mark.parametrize(
    ("local", "utc_date", "utc_time", "expected"),
    [
        ("2008:10:22 16:38:20", "2008:10:22", (14, 36, 0.5), "2008-10-22T16:38:20+02:00"),
        ("2020:01:01 05:29:50", "2020:01:01", (0, 0, 0), "2020-01-01T05:29:50+05:30"),
        ("2020:01:01 05:45:10", "2020:01:01", (0, 0, 0), "2020-01-01T05:45:10+05:45"),
        ("2019:12:31 19:00:00", "2020:01:01", (3, 0, 0), "2019-12-31T19:00:00-08:00"),
        ("2020:01:01 12:00:00", "2020:01:01", (12, 0, 0), "2020-01-01T12:00:00+00:00"),
    ],
)
def test_the_zone_follows_from_satellite_time(
    local: str, utc_date: str, utc_time: tuple[float, ...], expected: str
) -> None:
    assert taken({TAKEN: local}, gps={7: utc_time, 29: utc_date}) == (expected, "exif_gps")


@pytest.mark.parametrize(
    ("utc_date", "utc_time"),
    [
        ("2008:10:20", (14, 36, 0)),  # a fix of two days ago
        ("2008:10:22", (14, 30, 20)),  # eight minutes off every zone
        ("0000:00:00", (14, 36, 0)),
        ("2008:10:22", (99, 36, 0)),
        ("2008:10:22", (14, 36)),
    ],
)
def test_satellite_time_that_fits_no_zone_is_left_out(
    utc_date: str, utc_time: tuple[float, ...]
) -> None:
    found = taken({TAKEN: "2008:10:22 16:38:20"}, gps={7: utc_time, 29: utc_date})
    assert found == ("2008-10-22T16:38:20", "exif_local")


@pytest.mark.parametrize(
    "nonsense",
    [
        "0000:00:00 00:00:00",
        "    :  :     :  :  ",
        "2018:13:11 13:09:38",
        "2018:02:30 13:09:38",
        "2018:01:11 25:09:38",
        "1800:01:01 00:00:00",
        "2026:11:22 13:00:00",
        "9999:99:99 99:99:99",
        "yesterday",
        "",
    ],
)
def test_nonsense_dates_are_left_out(nonsense: str) -> None:
    assert taken({TAKEN: nonsense}) == (None, "none")


def test_a_camera_whose_clock_was_never_set_is_believed() -> None:
    assert taken({TAKEN: "1980:01:01 00:00:00"})[0] == "1980-01-01T00:00:00"


def test_the_day_of_grace_covers_every_zone() -> None:
    assert taken({TAKEN: "2026:11:21 01:59:00"})[0] == "2026-11-21T01:59:00"


def test_other_times_stand_in_for_a_missing_one() -> None:
    assert taken({DIGITIZED: "2001:02:03 04:05:06"})[0] == "2001-02-03T04:05:06"
    changed = read(exif_block(image={CHANGED: "2001:02:03 04:05:06"}))
    assert (changed.taken_at, changed.taken_at_source) == ("2001-02-03T04:05:06", "exif_local")
    both = read(
        exif_block(image={CHANGED: "2020:01:01 00:00:00"}, photo={TAKEN: "2001:02:03 04:05:06"})
    )
    assert both.taken_at == "2001-02-03T04:05:06"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2019-10-16T19:01:03+02:00", "2019-10-16T19:01:03+02:00"),
        ("2019-10-16T19:01:03.25Z", "2019-10-16T19:01:03.250+00:00"),
        ("2019-10-16T19:01", "2019-10-16T19:01:00"),
        ("2019-10-16", "2019-10-16T00:00:00"),
        ("1912", "1912-01-01T00:00:00"),
        ("0000-00-00", None),
        ("2019-10-16 or so", "2019-10-16T00:00:00"),
    ],
)
def test_xmp_tells_the_time_when_exif_does_not(text: str, expected: str | None) -> None:
    for xmp in (
        f'<rdf:Description photoshop:DateCreated="{text}"/>',
        f"<photoshop:DateCreated>{text}</photoshop:DateCreated>",
        f"<xmp:CreateDate>\n {text}\n</xmp:CreateDate>",
    ):
        metadata = read(xmp=xmp)
        assert metadata.taken_at == expected
        assert metadata.taken_at_source == ("xmp" if expected else "none")


def test_exif_is_believed_before_xmp() -> None:
    block = exif_block(photo={TAKEN: "2018:01:11 13:09:38"})
    assert read(block, xmp='exif:DateTimeOriginal="2001-01-01"').taken_at == "2018-01-11T13:09:38"


def test_the_camera_is_described_as_photographers_do() -> None:
    block = exif_block(
        image={MAKE: "NIKON CORPORATION\x00", MODEL: "  NIKON D5300  \x00\x00"},
        photo={
            0x829A: 0.004,
            0x829D: 2.8,
            0x8827: 400,
            0x920A: 35.0,
            0xA434: "AF-S 35mm f/1.8G\x00",
        },
    )
    camera = read(block).camera
    assert (camera.make, camera.model) == ("NIKON CORPORATION", "NIKON D5300")
    assert camera.lens == "AF-S 35mm f/1.8G"
    assert (camera.iso, camera.f_number, camera.exposure) == (400, 2.8, "1/250")
    assert camera.focal_length == 35.0


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(1 / 8000, "1/8000"), (0.25, "1/4"), (0.5, "0.5"), (2, "2"), (1.3, "1.3")],
)
def test_exposures_read_as_on_a_camera(seconds: float, expected: str) -> None:
    assert read(exif_block(photo={0x829A: seconds})).camera.exposure == expected


def test_values_out_of_range_are_left_out() -> None:
    block = exif_block(photo={0x829A: 0.0, 0x829D: 0.0, 0x8827: 0, 0x920A: 0.0})
    camera = read(block).camera
    assert (camera.iso, camera.f_number, camera.exposure) == (None, None, "")
    assert camera.focal_length is None


def test_an_iso_too_large_for_its_tag_is_in_the_newer_one() -> None:
    assert read(exif_block(photo={0x8827: 65535, 0x8832: 102_400})).camera.iso == 102_400


def test_names_never_hold_what_a_database_refuses() -> None:
    names = read(
        exif_block(image={MAKE: b"Ca\x01no\x1bn\xff\xfe\x00rest", MODEL: "x" * 500})
    ).camera
    assert names.make == "Ca no nÿþ"
    assert len(names.model) == 100


def test_a_place_is_read_with_its_signs() -> None:
    location = read(exif_block(gps=HERE | {5: b"\x00", 6: 120.5})).location
    assert location is not None
    assert location.latitude == pytest.approx(43.467448, abs=1e-6)
    assert location.longitude == pytest.approx(11.885128, abs=1e-6)
    assert location.altitude == 120.5
    south = read(exif_block(gps=HERE | {1: "S", 3: "W", 5: b"\x01", 6: 3.0})).location
    assert south is not None
    assert (south.latitude < 0, south.longitude < 0, south.altitude) == (True, True, -3.0)


@pytest.mark.parametrize(
    "change",
    [
        {2: (0.0, 0.0, 0.0), 4: (0.0, 0.0, 0.0)},
        {2: (91.0, 0.0, 0.0)},
        {4: (180.0, 30.0, 0.0)},
        {2: (float("nan"), 0.0, 0.0)},  # written as zero over zero
        {1: "X"},
        {3: ""},
        {2: ()},
    ],
)
def test_a_place_that_cannot_be_is_left_out(change: dict[int, Any]) -> None:
    try:
        block = exif_block(gps=HERE | change)
    except (ValueError, TypeError, ZeroDivisionError):
        block = exif_block(gps=HERE).replace(b"\x2b\x00\x00\x00\x01\x00\x00\x00", bytes(8))
    assert read(block).location is None


def test_a_place_without_altitude_is_a_place() -> None:
    for gps in (HERE, HERE | {6: 1e9}):
        location = read(exif_block(gps=gps)).location
        assert location is not None
        assert location.altitude is None


def test_xmp_tells_the_place_and_the_camera_when_exif_does_not() -> None:
    metadata = read(
        xmp="""<rdf:Description exif:GPSLatitude="48,16.5N" exif:GPSLongitude="16,20,16.8W"
        exif:GPSAltitude="480/1" exif:GPSAltitudeRef="0" tiff:Make="Canon" tiff:Model="EOS &amp; R5"
        exif:FNumber="28/10" exif:ExposureTime="1/125" aux:Lens="RF 50"/>
        <exif:ISOSpeedRatings><rdf:Seq><rdf:li>200</rdf:li></rdf:Seq></exif:ISOSpeedRatings>"""
    )
    assert metadata.location is not None
    assert metadata.location.latitude == pytest.approx(48.275)
    assert metadata.location.longitude == pytest.approx(-16.338)
    assert metadata.location.altitude == 480
    camera = metadata.camera
    assert (camera.make, camera.model, camera.lens) == ("Canon", "EOS & R5", "RF 50")
    assert (camera.f_number, camera.exposure, camera.iso) == (2.8, "1/125", 200)


def encode(file_format: str, **options: Any) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 30)).save(file, file_format, **options)
    return file.getvalue()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF", "MPO"])
def test_every_format_that_carries_exif_is_read(file_format: str) -> None:
    block = exif_block(
        image={MAKE: "Acme"}, photo={TAKEN: "2018:01:11 13:09:38", OFFSET: "-03:30"}, gps=HERE
    )
    metadata = decode_photo(encode(file_format, exif=block), longest_side=64).metadata
    assert metadata.camera.make == "Acme"
    assert metadata.taken_at == "2018-01-11T13:09:38-03:30"
    assert metadata.location is not None


@pytest.mark.parametrize("file_format", ["JPEG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_every_format_that_carries_xmp_is_read(file_format: str) -> None:
    packet = b'<x:xmpmeta><rdf:Description xmp:CreateDate="2019-10-16T19:01:03"/></x:xmpmeta>'
    options = {"tiffinfo": {700: packet}} if file_format == "TIFF" else {"xmp": packet}
    metadata = decode_photo(encode(file_format, **options), longest_side=64).metadata
    assert metadata.taken_at == "2019-10-16T19:01:03"


def test_png_carries_xmp_and_old_profiles_in_texts() -> None:
    texts = PngImagePlugin.PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", '<rdf:Description xmp:CreateDate="2019-10-16"/>')
    found = decode_photo(encode("PNG", pnginfo=texts), longest_side=64).metadata
    assert found.taken_at == "2019-10-16T00:00:00"
    block = exif_block(image={MAKE: "Acme"})
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type exif", f"\nexif\n{len(block):8}\n{block.hex()}\n")
    assert (
        decode_photo(encode("PNG", pnginfo=texts), longest_side=64).metadata.camera.make == "Acme"
    )
    texts = PngImagePlugin.PngInfo()
    texts.add_text("Raw profile type exif", "\nexif\n   9\nno hex at all\n")
    assert decode_photo(encode("PNG", pnginfo=texts), longest_side=64).metadata == Metadata()


@pytest.mark.parametrize("file_format", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
@pytest.mark.parametrize(
    "block",
    [
        b"Exif\x00\x00II*\x00\x00\x00\x00\x00",
        b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
        b"Exif\x00\x00MM\x00*" + b"\xff" * 90,
    ],
)
def test_bad_metadata_never_fails_a_photo(file_format: str, block: bytes) -> None:
    photo = decode_photo(encode(file_format, exif=block), longest_side=64)
    assert (photo.width, photo.height, photo.metadata) == (64, 48, Metadata())


WHOLE = exif_block(
    image={MAKE: "Acme", MODEL: "One", ORIENTATION: 6, CHANGED: "2018:01:11 13:09:38"},
    photo={TAKEN: "2018:01:11 13:09:38", FRACTION: "12", 0x829A: 0.01, 0x8827: 100},
    gps=HERE | {5: b"\x00", 6: 5.0, 7: (11.0, 9.0, 30.0), 29: "2018:01:11"},
)


@settings(max_examples=300, deadline=None)
@given(
    changes=st.lists(st.tuples(st.integers(6, len(WHOLE) - 1), st.integers(0, 255)), max_size=12),
    end=st.integers(0, len(WHOLE)),
)
def test_no_damage_to_exif_raises(changes: list[tuple[int, int]], end: int) -> None:
    block = bytearray(WHOLE)
    for at, value in changes:
        block[at] = value
    for damaged in (bytes(block), bytes(block[:end])):
        metadata = read(damaged)
        assert 1 <= metadata.orientation <= 8
        if metadata.location:
            assert abs(metadata.location.latitude) <= 90
            assert abs(metadata.location.longitude) <= 180
        assert count_directories(damaged.removeprefix(b"Exif\x00\x00")) >= 1


@settings(max_examples=200, deadline=None)
@given(block=st.binary(max_size=200), xmp=st.text(max_size=200))
def test_no_bytes_raise(block: bytes, xmp: str) -> None:
    assert read(block, xmp='exif:GPSLatitude="' + xmp).orientation == 1
    assert isinstance(read_exif(b"II*\x00\x08\x00\x00\x00" + block), Exif)

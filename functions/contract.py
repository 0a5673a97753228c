"""The words that functions and backend share. Standard library only.

A result travels as JSON. `result_to_json` and `result_from_json` are each other's inverse;
the second checks every field, because it reads what came over the wire.
"""

import base64
import dataclasses
import hashlib
import hmac
import json
import math
import struct
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

FACE_DIMENSIONS = 128
FEATURE_DIMENSIONS = 1280
MEANING_DIMENSIONS = 512

# Bounds on what one result may hold; a photo of 20,000 faces is cut here, by score.
MAX_FACES = 200
MAX_LABELS = 50
MAX_TEXT_LINES = 500

ANALYSIS_TASK = "functions.analyse_photo"
ANALYSIS_QUEUE = "functions"


class Kind(StrEnum):
    """What can be found out about a photo."""

    INSPECTION = "inspection"
    FACES = "faces"
    LABELS = "labels"
    TEXT = "text"
    MODERATION = "moderation"


# The models of each kind that this release can run; the first is the default.
MODELS: dict[Kind, tuple[str, ...]] = {
    Kind.INSPECTION: ("pillow-1",),
    Kind.FACES: ("yunet-sface-1", "face-recognition-1"),
    Kind.LABELS: ("efficientnet-lite2-1",),
    Kind.TEXT: ("ppocr-v6-small-1",),
    Kind.MODERATION: ("opennsfw-1",),
}

# A JPEG of 200 MP has about 80 MB, a 16-bit TIFF of 36 MP 216 MB: photos beyond are rare, and
# every one costs this much memory twice, in the functions' worker and in its sandbox.
MAX_UPLOAD_BYTES = 200_000_000
# A picture that is looked at without being stored (/predict) is in memory only, some times over.
MAX_PREDICTED_BYTES = 20_000_000
# An event holds it as base64, and little else.
MAX_INVOCATION_BYTES = MAX_PREDICTED_BYTES * 4 // 3 + 10_000
# Content types an upload may declare. What the bytes really are is found out by inspection.
UPLOAD_CONTENT_TYPES = (
    "image/jpeg",
    "image/png",
    "image/webp",
    "image/gif",
    "image/heic",
    "image/heif",
    "image/avif",
    "image/tiff",
)

ORIGINALS = "originals"
RENDITIONS = "renditions"


class Rendition(StrEnum):
    """A size derived from the original: upright, sRGB, JPEG, without metadata."""

    THUMBNAIL = "thumbnail"
    PREVIEW = "preview"


# The longest side of each rendition in pixels. The preview is what analyzers read, so it
# keeps the small print of a receipt legible; of long pictures it has as many pixels as of square
# ones (functions.geometry.fitting_side). The thumbnail fills a phone's grid at 3x.
RENDITION_SIDES: dict[Rendition, int] = {Rendition.PREVIEW: 2048, Rendition.THUMBNAIL: 512}


def original_key(photo_id: str) -> str:
    return f"{ORIGINALS}/{photo_id}"


def rendition_key(photo_id: str, rendition: Rendition) -> str:
    return f"{RENDITIONS}/{photo_id}/{rendition}.jpg"


def photo_id_of_original(key: str) -> str | None:
    """The photo that an original's object key belongs to; None for any other key."""
    folder, _, photo_id = key.partition("/")
    return photo_id if folder == ORIGINALS and photo_id and "/" not in photo_id else None


class ContractError(ValueError):
    """A message does not have the agreed shape; the text says where."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle in fractions (0-1) of the upright photo; it has an area.

    Raises ContractError for numbers that are no such rectangle.
    """

    left: float
    top: float
    width: float
    height: float

    def __post_init__(self) -> None:
        has_area = self.left >= 0 and self.top >= 0 and self.width > 0 and self.height > 0
        # The last bit of a sum of floats may be above 1.
        if not (
            has_area and self.left + self.width <= 1 + 1e-6 and self.top + self.height <= 1 + 1e-6
        ):
            raise ContractError(f"not a box inside the photo: {self}")


@dataclass(frozen=True, kw_only=True)
class Camera:
    make: str = ""
    model: str = ""
    lens: str = ""
    iso: int | None = None
    f_number: float | None = None
    exposure: str = ""  # seconds as photographers write them: "1/250", "2"
    focal_length: float | None = None  # millimetres


@dataclass(frozen=True, kw_only=True)
class Location:
    """Degrees in WGS-84, metres above the sea."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, kw_only=True)
class RenditionInfo:
    name: str
    width: int
    height: int
    size: int  # bytes


@dataclass(frozen=True, kw_only=True)
class InspectionFindings:
    content_type: str  # what the bytes are, whatever the file name says
    width: int  # pixels, upright
    height: int
    frames: int
    taken_at: str | None  # ISO 8601; with an offset where the file tells one, else local time
    taken_at_source: str  # exif_offset | exif_gps | exif_local | xmp | none
    camera: Camera
    location: Location | None
    placeholder: str  # thumbhash, base64
    color: str  # average colour, "#rrggbb"
    perceptual_hash: str  # 64 bits, hex; Hamming distance says how alike two pictures look
    renditions: list[RenditionInfo]


@dataclass(frozen=True, kw_only=True)
class FaceFinding:
    box: Box
    score: float
    quality: float  # 0-1; blur, pose and size taken together
    embedding: str  # see encode_vector; FACE_DIMENSIONS, unit length


@dataclass(frozen=True, kw_only=True)
class FacesFindings:
    faces: list[FaceFinding]


@dataclass(frozen=True, kw_only=True)
class LabelFinding:
    name: str  # English
    name_zh: str
    score: float


@dataclass(frozen=True, kw_only=True)
class LabelsFindings:
    labels: list[LabelFinding]  # best first
    features: str  # see encode_vector; FEATURE_DIMENSIONS, unit length
    # Where the photo is among words; see encode_vector; MEANING_DIMENSIONS, unit length
    meaning: str


@dataclass(frozen=True, kw_only=True)
class TextLine:
    text: str
    box: Box
    score: float


@dataclass(frozen=True, kw_only=True)
class TextFindings:
    lines: list[TextLine]  # in reading order


@dataclass(frozen=True, kw_only=True)
class ModerationFindings:
    score: float  # 0 safe - 1 explicit


Findings = InspectionFindings | FacesFindings | LabelsFindings | TextFindings | ModerationFindings

FINDINGS: dict[Kind, type[Findings]] = {
    Kind.INSPECTION: InspectionFindings,
    Kind.FACES: FacesFindings,
    Kind.LABELS: LabelsFindings,
    Kind.TEXT: TextFindings,
    Kind.MODERATION: ModerationFindings,
}


@dataclass(frozen=True, kw_only=True)
class Failure:
    stage: str
    code: str
    detail: str
    permanent: bool


@dataclass(frozen=True, kw_only=True)
class Run:
    """Where a value came from and what it cost."""

    request_id: str  # one attempt on one photo; the claim hands it out
    started_at: str  # ISO 8601, UTC
    duration_ms: float
    cpu_ms: float
    memory_mb: float  # the process's peak so far
    cold_start: bool
    runtime: str
    weights_sha256: str  # of the networks used, joined by "+"; "" if none
    input_sha256: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one run of one kind has to say about one photo: findings or a failure."""

    photo_id: str
    kind: Kind
    model: str
    run: Run
    findings: Findings | None = None
    failure: Failure | None = None


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Permission to work on a photo: what to do, under which request id.

    The backend answers a claim with the kinds that are still to be done; none means that
    somebody else did or does the work.
    """

    photo_id: str
    request_id: str
    sha256: str  # of the original, hex; bytes that differ are refused
    size: int  # bytes of the original
    models: dict[str, str] = field(default_factory=dict)  # kind -> model


def encode_vector(values: Sequence[float]) -> str:
    """Pack numbers as base64 of little-endian half floats.

    Raises ContractError for a number that is not finite.
    """
    if not all(math.isfinite(value) for value in values):
        raise ContractError("a vector holds a number that is not finite")
    return base64.b64encode(struct.pack(f"<{len(values)}e", *values)).decode()


def decode_vector(text: str, dimensions: int) -> list[float]:
    """Undo encode_vector. Raises ContractError unless it is `dimensions` finite numbers."""
    try:
        packed = base64.b64decode(text, validate=True)
        values = list(struct.unpack(f"<{dimensions}e", packed))
    except (ValueError, struct.error) as error:
        raise ContractError(f"not a vector of {dimensions} half floats: {error}") from error
    if not all(math.isfinite(value) for value in values):
        raise ContractError("a vector holds a number that is not finite")
    return values


def result_to_json(result: Result) -> bytes:
    """Raises ContractError if a number is not finite: NaN never leaves a function."""
    try:
        return json.dumps(
            dataclasses.asdict(result), allow_nan=False, ensure_ascii=False, separators=(",", ":")
        ).encode()
    except ValueError as error:
        raise ContractError(str(error)) from error


def result_from_json(body: bytes) -> Result:
    """Raises ContractError if any field is missing, unknown or of the wrong type."""
    message = _load_object(body)
    try:
        kind = Kind(message.get("kind", ""))
    except ValueError as error:
        raise ContractError(str(error)) from error
    findings = message.pop("findings", None)
    failure = message.pop("failure", None)
    if (findings is None) == (failure is None):
        raise ContractError("a result holds either findings or a failure")
    result = typing.cast(Result, _parse(message, Result, "result"))
    return dataclasses.replace(
        result,
        findings=None if findings is None else _parse(findings, FINDINGS[kind], "findings"),
        failure=None if failure is None else _parse(failure, Failure, "failure"),
    )


def claim_to_json(claim: Claim) -> bytes:
    return json.dumps(dataclasses.asdict(claim), separators=(",", ":")).encode()


def claim_from_json(body: bytes) -> Claim:
    return typing.cast(Claim, _parse(_load_object(body), Claim, "claim"))


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over "timestamp.body", hex. The timestamp bounds how long a copy is of use."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


# How long after its signing a message is taken, either way: two machines' clocks differ.
SIGNATURE_SECONDS = 300


def verify_signature(
    *, secret: str, timestamp: str, body: bytes, signature: str, now: float
) -> bool:
    """True if the body was signed with the secret, not long before or after `now` (Unix time)."""
    try:
        age = abs(now - float(timestamp))
    except ValueError:
        return False
    # `not (age <= ...)` also refuses NaN.
    if not age <= SIGNATURE_SECONDS:
        return False
    expected = sign(secret, timestamp, body)
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))


def invocation_context(*, secret: str, function: str, payload: bytes, timestamp: str) -> str:
    """What an invocation of a function carries as Lambda's client context: who sends what."""
    digest = hashlib.sha256(payload).hexdigest()
    signature = sign(secret, timestamp, f"{function} {digest}".encode())
    context = {"timestamp": timestamp, "sha256": digest, "signature": signature}
    return base64.b64encode(json.dumps(context).encode()).decode()


def signed_digest(*, secret: str, function: str, context: str, now: float) -> str | None:
    """The SHA-256 that the payload must have; None unless somebody with the secret says so."""
    try:
        said = _load_object(base64.b64decode(context, validate=True))
    except ValueError:
        return None
    digest = str(said.get("sha256"))
    signed = verify_signature(
        secret=secret,
        timestamp=str(said.get("timestamp")),
        body=f"{function} {digest}".encode("utf-8", "replace"),
        signature=str(said.get("signature")),
        now=now,
    )
    return digest if signed else None


TIMESTAMP_HEADER = "X-Shiguang-Timestamp"
SIGNATURE_HEADER = "X-Shiguang-Signature"


def _load_object(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise ContractError(f"not JSON: {error}") from error
    if not isinstance(message, dict):
        raise ContractError("not a JSON object")
    return message


def _parse(value: Any, expected: Any, where: str) -> Any:
    """Check a JSON value against a type of this module and return it as that type."""
    origin = typing.get_origin(expected)
    if origin in (typing.Union, types.UnionType):
        choices = typing.get_args(expected)
        if value is None and type(None) in choices:
            return None
        (expected,) = [choice for choice in choices if choice is not type(None)]
        return _parse(value, expected, where)
    if origin is list:
        if not isinstance(value, list):
            raise ContractError(f"{where}: expected a list")
        (item,) = typing.get_args(expected)
        return [_parse(entry, item, f"{where}[{index}]") for index, entry in enumerate(value)]
    if origin is dict:
        if not isinstance(value, dict) or not all(
            isinstance(entry, str) for entry in value.values()
        ):
            raise ContractError(f"{where}: expected an object of strings")
        return value
    if dataclasses.is_dataclass(expected):
        return _parse_dataclass(value, typing.cast(type, expected), where)
    return _parse_scalar(value, expected, where)


def _parse_dataclass(value: Any, expected: type, where: str) -> Any:
    if not isinstance(value, dict):
        raise ContractError(f"{where}: expected an object")
    hints = typing.get_type_hints(expected)
    if unknown := value.keys() - hints.keys():
        raise ContractError(f"{where}: unknown field {sorted(unknown)[0]!r}")
    # A Result's findings and failure have types that depend on its kind: see result_from_json.
    parsed = {name: _parse(item, hints[name], f"{where}.{name}") for name, item in value.items()}
    try:
        return expected(**parsed)
    except TypeError as error:
        raise ContractError(f"{where}: {error}") from error


def _parse_scalar(value: Any, expected: type, where: str) -> Any:
    if expected is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if issubclass(expected, StrEnum):
        try:
            return expected(value)
        except ValueError as error:
            raise ContractError(f"{where}: {error}") from error
    if isinstance(value, str):
        # Neither NUL nor half a surrogate pair can be stored as text.
        value = value.replace("\x00", "").encode("utf-8", "replace").decode()
    if not isinstance(value, expected) or (isinstance(value, bool) and expected is not bool):
        raise ContractError(f"{where}: expected {expected.__name__}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ContractError(f"{where}: not a finite number")
    return value

"""Find the faces in a photo and describe each so that it compares by identity."""

import functools
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from functions import contract
from functions.analyzers.face_quality import face_quality
from functions.errors import AnalysisError
from functions.geometry import align_face, fitting_side, fraction_box
from functions.halving import half_picture
from functions.networks.face_detection import FaceDetector
from functions.networks.face_embedding import FaceEmbedder
from functions.networks.network import digest_of

# Faces are looked for in the photo brought to this longest side: half a preview, which takes
# 2 ms, where the 960 that are often used take 11. Of 190 real faces pasted into 2048x1536 it
# finds all of 27 pixels, 181 of 23 and 169 of 20 (as small as an embedding makes sense of) in
# 20 ms; at 1280 those of 14 pixels are found, in 35. On the group photos of the evaluation
# data recall is the same from 640 to 2048.
DETECTION_SIDE = 1024
# 22 of 25 COCO noses at .6, 21 at .7, 17 at .8; below .6 only one more.
MIN_SCORE = 0.6


class FacesAnalyzer(Protocol):
    """What every model of contract.Kind.FACES offers."""

    @property
    def networks(self) -> tuple[str, ...]:
        """Names for people and logs."""

    @property
    def weights_sha256(self) -> str:
        """See contract.Run."""

    def analyse(self, image: NDArray[np.uint8]) -> contract.FacesFindings:
        """At most contract.MAX_FACES faces, best first.

        image: uint8[h, w, 3], RGB, upright. Raises AnalysisError.
        """


@functools.cache
def faces_analyzer(model: str) -> FacesAnalyzer:
    """The analyzer of that name, opened once a process.

    Raises ValueError for a name that contract.MODELS does not hold; AnalysisError if its
    networks cannot be opened.
    """
    if model == YunetSfaceAnalyzer.model:
        return YunetSfaceAnalyzer()
    if model == "face-recognition-1":
        # dlib's networks take a second and 100 MB; who does not use them should not pay.
        from functions.analyzers.face_recognition_faces import FaceRecognitionAnalyzer

        return FaceRecognitionAnalyzer()
    raise ValueError(f"no model of faces is called {model!r}")


class YunetSfaceAnalyzer:
    """Faces by YuNet, embeddings by SFace: float[128], unit length, cosine distance.

    Two faces are of one person below a distance of about .66: on 600 pairs of the evaluation
    data .998 are then told right; on East Asian faces .979 of the same and .004 of different
    people are taken for one.
    Safe to use from several threads.
    """

    model = "yunet-sface-1"
    networks = (FaceDetector.network_name, FaceEmbedder.network_name)

    def __init__(self) -> None:
        self._detect = FaceDetector()
        self._embed = FaceEmbedder()

    @property
    def weights_sha256(self) -> str:
        return digest_of(list(self.networks))

    def analyse(self, image: NDArray[np.uint8]) -> contract.FacesFindings:
        """At most contract.MAX_FACES faces, best first. Raises AnalysisError."""
        smaller, scale = shrink(image, DETECTION_SIDE)
        found = self._detect(smaller, min_score=MIN_SCORE, limit=contract.MAX_FACES)
        faces = [
            self._describe(
                image, box=box * np.tile(scale, 2), score=float(score), landmarks=points * scale
            )
            for box, score, points in zip(found.boxes, found.scores, found.landmarks, strict=True)
        ]
        return contract.FacesFindings(faces=[face for face in faces if face is not None])

    def _describe(
        self,
        image: NDArray[np.uint8],
        *,
        box: NDArray[np.float32],
        score: float,
        landmarks: NDArray[np.float32],
    ) -> contract.FaceFinding | None:
        """None for what has no extent in the picture or no landmarks: it is no face."""
        height, width = image.shape[:2]
        fractions = fraction_box(box, width=width, height=height)
        if fractions is None:
            return None
        try:
            crop = align_face(image, landmarks)
        except ValueError:
            return None
        return contract.FaceFinding(
            box=fractions,
            score=score,
            quality=face_quality(crop, landmarks),
            embedding=encode_embedding(self._embed(crop[None])[0]),
        )


def shrink(image: NDArray[np.uint8], side: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The image no longer than fits `side`, and what its points (x, y) times make it whole.

    A panorama may be longer, because the people in it are small: see fitting_side.
    """
    height, width = image.shape[:2]
    side = fitting_side((width, height), side)
    if max(height, width) <= side:
        return image, np.ones(2, np.float32)
    # Whole numbers of pixels are averaged first; a preview needs nothing more.
    smaller = half_picture(image)
    if max(smaller.size) < side:
        smaller = Image.fromarray(image)
    if max(smaller.size) >= 2 * side:
        smaller = smaller.reduce(max(smaller.size) // side)
    if max(smaller.size) > side:
        smaller = smaller.copy()  # others use the half picture too
        smaller.thumbnail((side, side), Image.Resampling.BILINEAR, reducing_gap=None)
    return np.asarray(smaller), np.array(
        [width / smaller.width, height / smaller.height], np.float32
    )


def encode_embedding(vector: NDArray[np.floating[Any]]) -> str:
    """See contract.encode_vector. Raises AnalysisError if the network gave no vector."""
    try:
        return contract.encode_vector(vector.tolist())
    except contract.ContractError as error:
        raise AnalysisError(
            stage="embed",
            code="not_finite",
            detail="A face could not be described.",
            permanent=True,
        ) from error

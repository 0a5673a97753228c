"""Faces by the face_recognition library (dlib): the second model, to compare with."""

import hashlib
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFile

from functions import contract
from functions.analyzers.face_quality import face_quality
from functions.analyzers.faces import encode_embedding, shrink
from functions.errors import AnalysisError
from functions.geometry import align_face, fraction_box

# dlib's detector knows faces of 80 pixels; the library doubles the picture once, so from 40
# pixels in this longest side. Its time and memory grow with the doubled picture.
DETECTION_SIDE = 960

# dlib's detector and networks belong to the process and hold state while they work.
_library_lock = threading.Lock()


class FaceRecognitionAnalyzer:
    """Faces by dlib's HOG detector, embeddings by its ResNet.

    The library compares its descriptors by Euclidean distance, .6 being one person. Here they
    are divided by their length, so that they compare by cosine as the other model's do. All
    descriptors point much the same way: one person is below a cosine distance of about .09,
    not .6 as with SFace.
    One photo at a time goes through, other threads wait.
    """

    model = "face-recognition-1"
    networks = ("dlib-hog", "dlib-68-landmarks", "dlib-5-landmarks", "dlib-resnet")

    def __init__(self) -> None:
        """Raises AnalysisError (not permanent) if the library or its networks are missing."""
        self._library = _import_library()
        self.weights_sha256 = _digest_weights()

    def analyse(self, image: NDArray[np.uint8]) -> contract.FacesFindings:
        """At most contract.MAX_FACES faces, best first. Raises AnalysisError."""
        smaller, scale = shrink(image, DETECTION_SIDE)
        with _library_lock:
            found = self._locate(smaller)[: contract.MAX_FACES]
            scores = [score for _, score in found]
            # Located in the smaller picture, described from the whole one. The library's
            # order is top, right, bottom, left.
            places = [
                tuple(
                    round(float(corner * factor))
                    for corner, factor in zip(place, (*scale[::-1], *scale[::-1]), strict=True)
                )
                for place, _ in found
            ]
            vectors = self._library.face_encodings(image, places, model="small")
            marks = self._library.face_landmarks(image, places, model="large")
        faces = [
            _describe(image, place=place, score=score, vector=vector, marks=mark)
            for place, score, vector, mark in zip(places, scores, vectors, marks, strict=True)
        ]
        return contract.FacesFindings(faces=[face for face in faces if face is not None])

    def _locate(self, image: NDArray[np.uint8]) -> list[tuple[tuple[int, int, int, int], float]]:
        """Places (top, right, bottom, left) and scores 0-1, best first.

        This is face_locations, asked for its scores as well: the margin of dlib's support
        vector machine (0 is the border), brought to 0.5-1.
        """
        height, width = image.shape[:2]
        rectangles, margins, _ = self._library.api.face_detector.run(image, 1, 0.0)
        found = []
        for rectangle, margin in zip(rectangles, margins, strict=True):
            top, bottom = max(rectangle.top(), 0), min(rectangle.bottom(), height)
            left, right = max(rectangle.left(), 0), min(rectangle.right(), width)
            if top < bottom and left < right:
                found.append(((top, right, bottom, left), float(1 / (1 + np.exp(-margin)))))
        return sorted(found, key=lambda face: -face[1])


def _describe(
    image: NDArray[np.uint8],
    *,
    place: tuple[int, ...],
    score: float,
    vector: NDArray[np.float64],
    marks: dict[str, list[tuple[int, int]]],
) -> contract.FaceFinding | None:
    height, width = image.shape[:2]
    top, right, bottom, left = place
    box = fraction_box(np.array([left, top, right, bottom], float), width=width, height=height)
    landmarks = _five_landmarks(marks)
    try:
        crop = align_face(image, landmarks)
    except ValueError:
        return None
    length = float(np.linalg.norm(vector))
    if box is None or length == 0:
        return None
    return contract.FaceFinding(
        box=box,
        score=score,
        quality=face_quality(crop, landmarks),
        embedding=encode_embedding(vector / length),
    )


def _five_landmarks(marks: dict[str, list[tuple[int, int]]]) -> NDArray[np.float64]:
    """float64[5, 2] in the ArcFace template's order, out of the library's 68 by name."""
    # dlib calls left what is left in the picture.
    eyes = [np.mean(marks[name], axis=0) for name in ("left_eye", "right_eye")]
    nose = np.asarray(marks["nose_tip"][len(marks["nose_tip"]) // 2], float)
    mouth = np.array(marks["top_lip"] + marks["bottom_lip"], float)
    return np.stack([*eyes, nose, mouth[mouth[:, 0].argmin()], mouth[mouth[:, 0].argmax()]])


def _import_library() -> Any:
    """The library, without what it does to its process when it is imported."""
    truncated_images = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import face_recognition
    # It calls quit() where its networks are missing.
    except (ImportError, RuntimeError, SystemExit) as error:
        raise AnalysisError(
            stage="network",
            code="network_missing",
            detail=f"The library face_recognition cannot be loaded: {error}",
            permanent=False,
        ) from error
    finally:
        # It makes Pillow take cut-off photos for whole ones, everywhere.
        ImageFile.LOAD_TRUNCATED_IMAGES = truncated_images
    return face_recognition


def _digest_weights() -> str:
    """The SHA-256 of the library's files in use, in the order of `networks`; HOG is in dlib."""
    import face_recognition_models as models

    paths = (
        models.pose_predictor_model_location(),
        models.pose_predictor_five_point_model_location(),
        models.face_recognition_model_location(),
    )
    return "+".join(hashlib.sha256(Path(path).read_bytes()).hexdigest() for path in paths)

"""Faces, on the photographs of two people."""

import io
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageFilter

from functions import contract
from functions.analyzers.face_quality import face_quality
from functions.analyzers.faces import FacesAnalyzer, encode_embedding, faces_analyzer
from functions.errors import AnalysisError
from functions.geometry import ARCFACE_TEMPLATE
from functions.inspection import inspect
from functions.networks.face_detection import STRIDES, FaceDetector
from functions.networks.network import Network

PHOTOS = Path(__file__).with_name("photos")
# Below this cosine distance two faces are of one person, by each model's own measure.
SAME_PERSON = {"yunet-sface-1": 0.66, "face-recognition-1": 0.09}


def photo(name: str) -> Image.Image:
    return Image.open(PHOTOS / name).convert("RGB")


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image)


@pytest.fixture(params=contract.MODELS[contract.Kind.FACES])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def analyzer(model: str) -> FacesAnalyzer:
    return faces_analyzer(model)


def best_face(analyzer: FacesAnalyzer, image: Image.Image) -> contract.FaceFinding:
    return analyzer.analyse(pixels(image)).faces[0]


def vector(face: contract.FaceFinding) -> NDArray[np.float64]:
    return np.array(contract.decode_vector(face.embedding, contract.FACE_DIMENSIONS))


def distance(a: contract.FaceFinding, b: contract.FaceFinding) -> float:
    return 1 - float(vector(a) @ vector(b))


def test_the_astronauts_face_is_where_it_is(analyzer: FacesAnalyzer) -> None:
    box = best_face(analyzer, photo("astronaut.png")).box
    # Eileen Collins' nose is at (224, 115) of 512x512.
    assert box.left < 224 / 512 < box.left + box.width
    assert box.top < 115 / 512 < box.top + box.height
    assert 0.1 < box.width < 0.35


def test_a_helmet_is_no_face() -> None:
    # dlib's detector takes the one in her hand for a face, with a score of .53.
    assert len(faces_analyzer("yunet-sface-1").analyse(pixels(photo("astronaut.png"))).faces) == 1


def test_scores_and_quality_are_fractions(analyzer: FacesAnalyzer) -> None:
    face = best_face(analyzer, photo("astronaut.png"))
    assert 0.5 < face.score <= 1
    assert 0.3 < face.quality <= 1


def test_embeddings_have_unit_length(analyzer: FacesAnalyzer) -> None:
    face = best_face(analyzer, photo("grace_hopper.jpg"))
    assert np.linalg.norm(vector(face)) == pytest.approx(1, abs=2e-3)


@pytest.mark.parametrize("scale", [0.6, 3.5])
def test_a_face_is_the_same_at_another_scale(
    analyzer: FacesAnalyzer, model: str, scale: float
) -> None:
    image = photo("astronaut.png")
    scaled = image.resize((round(image.width * scale), round(image.height * scale)))
    face, again = best_face(analyzer, image), best_face(analyzer, scaled)
    assert distance(face, again) < SAME_PERSON[model] / 2
    assert again.box.left == pytest.approx(face.box.left, abs=0.05)
    assert again.box.height == pytest.approx(face.box.height, abs=0.05)


def test_two_people_are_told_apart(analyzer: FacesAnalyzer, model: str) -> None:
    collins = best_face(analyzer, photo("astronaut.png"))
    hopper = best_face(analyzer, photo("grace_hopper.jpg"))
    assert distance(collins, hopper) > SAME_PERSON[model]


def test_the_same_photo_twice_gives_the_same_faces(analyzer: FacesAnalyzer) -> None:
    image = pixels(photo("grace_hopper.jpg"))
    assert analyzer.analyse(image) == analyzer.analyse(image)


def test_two_people_in_one_photo_are_two_faces(analyzer: FacesAnalyzer) -> None:
    both = Image.new("RGB", (1024, 600))
    both.paste(photo("astronaut.png"), (0, 40))
    both.paste(photo("grace_hopper.jpg"), (512, 0))
    faces = analyzer.analyse(pixels(both)).faces
    assert len(faces) == 2
    assert [face.score for face in faces] == sorted((f.score for f in faces), reverse=True)
    assert sorted(face.box.left > 0.5 for face in faces) == [False, True]


def test_the_small_faces_of_a_panorama_are_found() -> None:
    head = photo("astronaut.png").crop((130, 0, 310, 210)).resize((120, 140))
    panorama = Image.new("RGB", (8000, 1000), (120, 120, 120))
    for left in range(300, 8000, 1500):
        panorama.paste(head, (left, 430))
    file = io.BytesIO()
    panorama.save(file, "JPEG", quality=95)
    preview = inspect(file.getvalue()).pixels
    faces = faces_analyzer("yunet-sface-1").analyse(preview).faces
    assert sorted(round(face.box.left * 8000 / 1500 - 0.2) for face in faces) == list(range(6))


@pytest.mark.parametrize("name", ["coffee.png", "chelsea.png", "rocket.jpg", "china.jpg"])
def test_a_photo_without_people_holds_no_face(analyzer: FacesAnalyzer, name: str) -> None:
    assert analyzer.analyse(pixels(photo(name))).faces == []


@pytest.mark.parametrize("size", [(1, 1), (2048, 1), (3, 700)])
def test_a_sliver_of_a_photo_holds_no_face(analyzer: FacesAnalyzer, size: tuple[int, int]) -> None:
    assert analyzer.analyse(np.zeros((*size, 3), np.uint8)).faces == []


def test_a_face_at_the_edge_keeps_its_box_inside(analyzer: FacesAnalyzer) -> None:
    cut = photo("astronaut.png").crop((180, 60, 400, 300))
    for face in analyzer.analyse(pixels(cut)).faces:
        assert face.box.left + face.box.width <= 1
        assert face.box.top + face.box.height <= 1


def test_the_findings_travel_as_json(analyzer: FacesAnalyzer, model: str) -> None:
    run = contract.Run(
        request_id="r",
        started_at="2026-01-01T00:00:00Z",
        duration_ms=1,
        cpu_ms=1,
        memory_mb=1,
        cold_start=False,
        runtime="test",
        weights_sha256=analyzer.weights_sha256,
        input_sha256="",
    )
    findings = analyzer.analyse(pixels(photo("astronaut.png")))
    result = contract.Result(
        photo_id="p", kind=contract.Kind.FACES, model=model, run=run, findings=findings
    )
    assert contract.result_from_json(contract.result_to_json(result)) == result


def test_weights_are_named_by_their_digests(analyzer: FacesAnalyzer) -> None:
    digests = analyzer.weights_sha256.split("+")
    assert len(set(digests)) == len(digests) >= 2
    assert all(len(bytes.fromhex(digest)) == 32 for digest in digests)


def test_a_crowd_is_cut_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_FACES", 5)
    face = photo("astronaut.png").crop((130, 0, 310, 210)).resize((90, 105))
    crowd = Image.new("RGB", (4 * 110, 3 * 120), (120, 120, 120))
    for place in range(12):
        crowd.paste(face, (place % 4 * 110, place // 4 * 120))
    assert len(faces_analyzer("yunet-sface-1").analyse(pixels(crowd)).faces) == 5


class TwentyThousandFaces:
    """A network that sees a small face of its own in each cell of the finest grid."""

    parts = {"cls": 1, "obj": 1, "bbox": 4, "kps": 10}
    output_names = [f"{part}_{stride}" for part in parts for stride in STRIDES]

    def run(self, feeds: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        height, width = feeds["input"].shape[2:]
        outputs = []
        for part, numbers in self.parts.items():
            for stride in STRIDES:
                shape = (1, height * width // stride**2, numbers)
                is_score = part in ("cls", "obj")
                value = float(stride == STRIDES[0]) if is_score else -1.0
                outputs.append(np.full(shape, value, np.float32))
        return outputs


def test_of_twenty_thousand_faces_as_many_are_kept_as_a_result_may_hold() -> None:
    detect = FaceDetector(cast(Network, TwentyThousandFaces()))
    found = detect(np.zeros((1024, 1280, 3), np.uint8), min_score=0.6, limit=contract.MAX_FACES)
    assert len(found.boxes) == len(found.scores) == contract.MAX_FACES


def test_an_unknown_model_is_named_in_the_error() -> None:
    with pytest.raises(ValueError, match="no-such-model"):
        faces_analyzer("no-such-model")


def test_the_library_leaves_pillow_strict_about_truncated_photos() -> None:
    faces_analyzer("face-recognition-1")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_a_vector_that_is_not_finite_is_an_analysis_error() -> None:
    with pytest.raises(AnalysisError) as caught:
        encode_embedding(np.array([np.nan] * contract.FACE_DIMENSIONS))
    assert caught.value.code == "not_finite"


# Quality


def test_a_blurred_face_is_worth_less(analyzer: FacesAnalyzer) -> None:
    sharp = photo("astronaut.png")
    blurred = sharp.filter(ImageFilter.GaussianBlur(3))
    assert best_face(analyzer, blurred).quality < best_face(analyzer, sharp).quality - 0.05


def crop() -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (112, 112, 3), np.uint8)


def test_a_small_face_is_worth_less() -> None:
    assert face_quality(crop(), ARCFACE_TEMPLATE / 4) < face_quality(crop(), ARCFACE_TEMPLATE)


def test_a_face_looking_away_is_worth_less() -> None:
    away = ARCFACE_TEMPLATE.copy()
    away[2, 0] += 15
    assert face_quality(crop(), away) < face_quality(crop(), ARCFACE_TEMPLATE) - 0.1


def test_a_tilted_head_is_worth_the_same() -> None:
    angle = np.radians(30)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    tilted = ARCFACE_TEMPLATE @ turn.T
    assert face_quality(crop(), tilted) == pytest.approx(face_quality(crop(), ARCFACE_TEMPLATE))


def test_a_face_of_one_colour_is_worth_nothing() -> None:
    assert face_quality(np.full((112, 112, 3), 90, np.uint8), ARCFACE_TEMPLATE) == 0


def test_landmarks_in_one_point_give_a_finite_quality() -> None:
    assert face_quality(crop(), np.full((5, 2), 3.0)) == 0

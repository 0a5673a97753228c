"""Opening networks, building them, and the arithmetic around them."""

import hashlib
import pickle
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

from functions import geometry
from functions.contract import MODELS, Box, Kind
from functions.errors import AnalysisError
from functions.handlers import analyse
from functions.networks import network as network_module
from functions.networks.building import BUILDERS, simplify_sface
from functions.networks.face_detection import FaceDetector, make_blob
from functions.networks.face_embedding import FaceEmbedder
from functions.networks.image_classification import ImageClassifier
from functions.networks.manifest import ManifestError, read_manifest, shipped_manifest
from functions.networks.network import (
    Network,
    adds_in_16_bits,
    digest_of,
    open_network,
    softmax,
    unit_length,
)
from functions.networks.nsfw import NsfwScorer
from functions.networks.pytorch_file import CheckpointError, read_state_dict
from functions.networks.text_recognition import TextRecognizer

PHOTOS = Path(__file__).with_name("photos")
CARDS = Path(__file__).resolve().parents[2] / "docs" / "models.md"


def photo(name: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(PHOTOS / name).convert("RGB"))


# The manifest


def test_every_network_names_its_source_its_licence_and_a_known_build() -> None:
    entries = shipped_manifest()
    assert {"yunet", "sface", "efficientnet-lite2", "opennsfw"} <= entries.keys()
    for entry in entries.values():
        assert entry.build in BUILDERS
        assert entry.licence
        assert len(bytes.fromhex(entry.sha256)) == len(bytes.fromhex(entry.source_sha256)) == 32
        assert (entry.sha256 == entry.source_sha256) == (entry.build == "copy")


def test_every_network_has_a_card_that_names_its_file_and_digest() -> None:
    cards = CARDS.read_text(encoding="utf-8")
    for entry in shipped_manifest().values():
        assert f"`{entry.file}`" in cards
        assert f"SHA-256 {entry.sha256[:8]}…" in cards


def test_two_networks_never_share_a_file() -> None:
    files = [entry.file for entry in shipped_manifest().values()]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not toml at all [",
        "[[network]]\nname = 'x'",
        "[[network]]\nname = 'x'\nsources = []",
        "network = 3",
    ],
)
def test_a_manifest_that_says_too_little_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    with pytest.raises(ManifestError, match=r"manifest\.toml"):
        read_manifest(path)


def test_a_network_is_never_kept_outside_its_folder(tmp_path: Path) -> None:
    shipped = Path(geometry.__file__).parent / "networks" / "manifest.toml"
    path = tmp_path / "manifest.toml"
    path.write_text(shipped.read_text().replace('file = "yunet', 'file = "../yunet'))
    with pytest.raises(ManifestError, match="bare name"):
        read_manifest(path)


# Opening


def test_a_network_is_opened_once_however_many_threads_ask() -> None:
    opened: list[Network] = []
    threads = [
        threading.Thread(target=lambda: opened.append(open_network("yunet"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 8
    assert len({id(network) for network in opened}) == 1


def test_an_unknown_network_is_named_in_the_error() -> None:
    with pytest.raises(ManifestError, match="no-such-network"):
        open_network("no-such-network")


def test_a_missing_network_says_how_to_fetch_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETWORKS_DIR", str(tmp_path))
    with pytest.raises(AnalysisError, match=r"functions\.networks\.fetch") as caught:
        open_network("yunet")
    assert (caught.value.code, caught.value.permanent) == ("network_missing", False)


@pytest.mark.parametrize("damage", ["truncated", "changed"])
def test_a_damaged_network_is_never_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    entry = shipped_manifest()["yunet"]
    model = bytearray(entry.path().read_bytes())
    model[1000] ^= 1
    (tmp_path / entry.file).write_bytes(model[:5000] if damage == "truncated" else model)
    monkeypatch.setenv("NETWORKS_DIR", str(tmp_path))
    with pytest.raises(AnalysisError) as caught:
        open_network("yunet")
    assert (caught.value.code, caught.value.permanent) == ("network_damaged", False)


def test_a_file_that_is_no_network_is_an_analysis_error(tmp_path: Path) -> None:
    (tmp_path / "noise.onnx").write_bytes(b"\x00" * 100)
    with pytest.raises(AnalysisError) as caught:
        Network(name="noise", path=tmp_path / "noise.onnx", sha256="")
    assert caught.value.code == "network_unusable"


def test_an_input_of_the_wrong_shape_is_an_analysis_error() -> None:
    network = open_network("sface")
    with pytest.raises(AnalysisError) as caught:
        network.run({"data": np.zeros((1, 3, 5, 5), np.float32)})
    assert caught.value.code == "network_failed"


def test_metadata_holds_the_recognisers_alphabet() -> None:
    alphabet = open_network("ppocr-v6-small-rec").metadata["character"].splitlines()
    assert {"拾", "光", "a", "Z", "0"} <= set(alphabet)


def test_the_digest_joins_those_of_the_files() -> None:
    files = [shipped_manifest()[name].path() for name in ("yunet", "sface")]
    expected = "+".join(hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    assert digest_of(["yunet", "sface"]) == expected


# Reading a checkpoint


class _Touch:
    """A pickle that would make a file if it were believed."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.path,)


def test_a_checkpoint_that_would_run_code_is_refused(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    with pytest.raises(CheckpointError, match="asks for"):
        read_state_dict(pickle.dumps(_Touch(victim)))
    assert not victim.exists()


@pytest.mark.parametrize(
    "checkpoint", [b"", b"\x80\x02", pickle.dumps(1), b"PK\x03\x04", b"\xff" * 50]
)
def test_what_is_no_checkpoint_is_refused(checkpoint: bytes) -> None:
    with pytest.raises(CheckpointError):
        read_state_dict(checkpoint)


# Converting


def run_bytes(model: bytes, feeds: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    return list(session.run(None, feeds))


def sface_like() -> bytes:
    """A PRelu with a slope a channel, its weights listed as inputs, as in SFace's file."""
    slopes = np.array([-0.8, 0.0, 0.3, 1.2], np.float32).reshape(4, 1, 1)
    shape = [1, 4, 5, 5]
    graph = helper.make_graph(
        [
            helper.make_node("PRelu", ["data", "slope"], ["bent"]),
            helper.make_node("Flatten", ["bent"], ["fc1"]),
        ],
        "toy",
        [
            helper.make_tensor_value_info("data", TensorProto.FLOAT, shape),
            helper.make_tensor_value_info("slope", TensorProto.FLOAT, [4, 1, 1]),
        ],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [1, 100])],
        [numpy_helper.from_array(slopes, "slope")],
    )
    opset = helper.make_operatorsetid("", 11)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=6)
    return bytes(model.SerializeToString())


def test_the_faster_sface_computes_the_same() -> None:
    source = sface_like()
    built = simplify_sface(source).SerializeToString()
    data = np.random.default_rng(0).normal(0, 100, (1, 4, 5, 5)).astype(np.float32)
    (expected,), (got,) = run_bytes(source, {"data": data}), run_bytes(built, {"data": data})
    assert np.allclose(got, expected, rtol=1e-5, atol=1e-4)
    assert "PRelu" not in {node.op_type for node in onnx.load_model_from_string(built).graph.node}


@pytest.mark.parametrize(("height", "width"), [(32, 32), (96, 320), (640, 640)])
def test_yunet_takes_every_multiple_of_32(height: int, width: int) -> None:
    outputs = open_network("yunet").run({"input": np.zeros((1, 3, height, width), np.float32)})
    assert outputs[0].shape == (1, height * width // 64, 1)


@pytest.mark.parametrize(
    ("machine", "flags", "expected"),
    [
        ("x86_64", "flags : sse2 avx2 avx512bw", True),
        ("x86_64", "flags : avx2 avx512_vnni", False),
        ("AMD64", "flags : avx2 avx_vnni", False),
        ("aarch64", "Features : asimd", False),
        ("x86_64", None, True),
    ],
)
def test_a_processor_that_would_overflow_is_known(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    machine: str,
    flags: str | None,
    expected: bool,
) -> None:
    info = tmp_path / "cpuinfo"
    if flags is not None:
        info.write_text(flags)
    monkeypatch.setattr(network_module, "CPU_INFO", info)
    monkeypatch.setattr("platform.machine", lambda: machine)
    assert adds_in_16_bits() is expected


# The networks one by one


def test_classes_and_features_are_as_promised() -> None:
    classified = ImageClassifier()(photo("chelsea.png"))
    assert classified.probabilities.shape == (1000,)
    assert classified.probabilities.sum() == pytest.approx(1, abs=1e-4)
    assert 281 <= int(classified.probabilities.argmax()) <= 287  # ImageNet's cats
    assert classified.features.shape == (1280,)
    assert np.linalg.norm(classified.features) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("size", [(1, 1), (1, 2000), (2000, 1), (33, 31)])
def test_every_network_takes_a_picture_of_any_size(size: tuple[int, int]) -> None:
    image = np.zeros((*size, 3), np.uint8)
    assert len(FaceDetector()(image, min_score=0.6, limit=5).scores) == 0
    classified = ImageClassifier()(image)
    assert np.isfinite(classified.probabilities).all()
    assert np.isfinite(classified.features).all()
    assert 0 <= NsfwScorer()(image) <= 1


@pytest.mark.parametrize(
    "image", [np.zeros((10, 10), np.uint8), np.zeros((10, 10, 4), np.uint8), np.zeros((9, 9, 3))]
)
def test_anything_but_rgb_is_refused(image: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        FaceDetector()(image, min_score=0.6, limit=5)
    with pytest.raises(ValueError, match="expected uint8"):
        ImageClassifier()(image)
    with pytest.raises(ValueError, match="expected uint8"):
        NsfwScorer()(image)


def test_no_crops_give_no_embeddings() -> None:
    assert FaceEmbedder()(np.empty((0, 112, 112, 3), np.uint8)).shape == (0, 128)


def test_crops_of_another_size_are_refused() -> None:
    with pytest.raises(ValueError, match="112"):
        FaceEmbedder()(np.zeros((1, 100, 112, 3), np.uint8))


def test_embeddings_have_unit_length() -> None:
    crops = np.stack([np.full((112, 112, 3), value, np.uint8) for value in (0, 90, 255)])
    assert np.linalg.norm(FaceEmbedder()(crops), axis=1) == pytest.approx(1, abs=1e-4)


def test_noise_holds_no_more_faces_than_asked_for() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (320, 320, 3), np.uint8)
    found = FaceDetector()(noise, min_score=0.0, limit=7)
    assert len(found.scores) == 7
    assert list(found.scores) == sorted(found.scores, reverse=True)


def test_padding_goes_right_and_below_and_moves_nothing() -> None:
    blob = make_blob(np.full((10, 40, 3), (1, 2, 3), np.uint8))
    assert blob.shape == (1, 3, 32, 64)
    assert blob[0, :, 9, 39].tolist() == [3, 2, 1]
    assert blob[0, :, 10:].max() == blob[0, :, :, 40:].max() == 0


def test_softmax_of_huge_logits_is_finite() -> None:
    assert softmax(np.array([1e4, 0, -1e4], np.float32)).tolist() == [1, 0, 0]


def test_zeros_have_no_direction_and_stay_zeros() -> None:
    assert unit_length(np.zeros(3, np.float32)).tolist() == [0, 0, 0]


# Geometry


def test_a_face_turned_and_far_away_comes_back_upright() -> None:
    angle, scale = np.radians(40), 3.0
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = geometry.ARCFACE_TEMPLATE @ turn.T + [200, 50]
    transform = geometry.similarity_transform(points, geometry.ARCFACE_TEMPLATE)
    mapped = points @ transform[:, :2].T + transform[:, 2]
    assert np.allclose(mapped, geometry.ARCFACE_TEMPLATE)


def test_a_transform_never_mirrors_a_face() -> None:
    mirrored = geometry.ARCFACE_TEMPLATE * [-1, 1]
    transform = geometry.similarity_transform(mirrored, geometry.ARCFACE_TEMPLATE)
    assert np.linalg.det(transform[:, :2]) > 0


@pytest.mark.parametrize(
    "points", [np.zeros((5, 2)), np.full((5, 2), 7.0), np.full((5, 2), np.nan)]
)
def test_points_that_fall_together_have_no_transform(points: NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="points"):
        geometry.similarity_transform(points, geometry.ARCFACE_TEMPLATE)


@pytest.mark.parametrize("factor", [1, 4, 9])
def test_each_landmark_lands_on_its_place_in_the_crop(factor: int) -> None:
    side = 112 * factor
    image = np.zeros((side + 40, side + 60, 3), np.uint8)
    points = geometry.ARCFACE_TEMPLATE * factor + [30, 20]
    for x, y in points.astype(int):
        radius = 2 * factor
        image[y - radius : y + radius, x - radius : x + radius] = 255
    crop = geometry.align_face(image, points)
    assert crop.shape == (112, 112, 3)
    for x, y in geometry.ARCFACE_TEMPLATE.astype(int):
        assert crop[y, x].min() > 200
    assert crop[5:30].max() < 20


def test_a_face_half_outside_the_picture_is_black_there() -> None:
    image = np.full((112, 60, 3), 200, np.uint8)
    crop = geometry.align_face(image, geometry.ARCFACE_TEMPLATE)
    assert crop[:, :55].min() == 200
    assert crop[:, 65:].max() == 0


def test_the_weaker_of_two_overlapping_boxes_goes() -> None:
    boxes = np.array([[0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [0, 0, 10, 3]], float)
    scores = np.array([0.7, 0.9, 0.5, 0.6])
    assert geometry.suppress_overlaps(boxes, scores, threshold=0.4) == [1, 3, 2]


def test_no_boxes_stay_no_boxes() -> None:
    assert geometry.suppress_overlaps(np.empty((0, 4)), np.empty(0), threshold=0.5) == []


@given(
    corners=st.tuples(*[st.floats(-5000, 5000)] * 4),
    width=st.integers(1, 4000),
    height=st.integers(1, 4000),
)
def test_a_box_lies_inside_its_photo_to_the_last_bit(
    corners: tuple[float, float, float, float], width: int, height: int
) -> None:
    box = geometry.fraction_box(np.array(corners), width=width, height=height)
    if box is None:
        return
    for kind in (np.float64, np.float32):
        left, top = kind(box.left), kind(box.top)
        across, down = kind(box.width), kind(box.height)
        assert left >= 0
        assert top >= 0
        assert across > 0
        assert down > 0
        assert left <= 1 - across
        assert top <= 1 - down


def test_a_box_beyond_the_edge_is_cut() -> None:
    box = geometry.fraction_box(np.array([-50.0, 25, 50, 200]), width=100, height=100)
    assert box == Box(left=0, top=0.25, width=0.5, height=0.75)


@pytest.mark.parametrize(
    "corners", [[110, 0, 120, 10], [-9, 0, 0, 10], [5, 5, 4, 9], [0, 0, np.nan, 9], [np.inf] * 4]
)
def test_a_box_with_nothing_inside_is_none(corners: list[float]) -> None:
    assert geometry.fraction_box(np.array(corners, float), width=100, height=100) is None


def test_an_answer_that_is_no_number_is_a_failure_and_not_nothing_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ruined(network: Network, feeds: Mapping[str, Any]) -> list[NDArray[Any]]:
        return [np.full_like(output, np.nan) for output in run(network, feeds)]

    run = Network.run
    monkeypatch.setattr(Network, "run", ruined)
    photo = np.zeros((64, 64, 3), np.uint8)
    for kind in (Kind.FACES, Kind.LABELS, Kind.TEXT, Kind.MODERATION):
        with pytest.raises(AnalysisError) as caught:
            analyse(kind, MODELS[kind][0], photo)
        assert (caught.value.code, caught.value.permanent) == ("not_finite", True)
    with pytest.raises(AnalysisError, match="no number"):
        TextRecognizer()(np.zeros((48, 64, 3), np.uint8))

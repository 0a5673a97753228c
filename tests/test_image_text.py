"""Image-text networks, built here and named in a manifest, say what photos and queries mean."""

import functools
import hashlib
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from pgvector.django import CosineDistance

from backend.accounts.models import User
from backend.analysis.models import ImageFeatures
from backend.analysis.services import record_result
from backend.conftest import make_photo, make_result
from backend.core import meanings
from backend.core.meanings import meaning_of
from functions.analyzers.labels import labels_analyzer
from functions.config import networks_dir
from functions.contract import MODELS, Kind
from functions.errors import AnalysisError
from functions.handlers import analyse
from functions.networks import fetch, image_text, manifest
from functions.networks.image_text import PHOTOS, WORDS, PhotoReader, TextReader

COLORS = {"red": (250, 10, 10), "green": (10, 250, 10), "blue": (10, 10, 250)}
CHINESE = {"red": "红", "green": "绿", "blue": "蓝"}
SIDE = 8


def tiny_photo_network(side: int = SIDE) -> bytes:
    """How much red, green and blue there is in a picture."""
    graph = helper.make_graph(
        [
            helper.make_node("ReduceMean", ["pixels", "axes"], ["mean"], keepdims=0),
            helper.make_node("Relu", ["mean"], ["vector"]),
        ],
        "photos",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, side, side])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, 3])],
        [helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])],
    )
    return _encode(graph)


def tiny_text_network(dimensions: int = 3) -> bytes:
    """The colour that a word names in English or Chinese; grey for any other."""
    words = [*COLORS, *CHINESE.values()]
    colors = np.zeros((len(COLORS) + 1, dimensions), np.float32)
    colors[: len(COLORS), : len(COLORS)] = np.eye(len(COLORS))
    colors[-1] = 1
    graph = helper.make_graph(
        [
            helper.make_node(
                "LabelEncoder",
                ["text"],
                ["token"],
                domain="ai.onnx.ml",
                keys_strings=words,
                values_int64s=[place % len(COLORS) for place in range(len(words))],
                default_int64=len(COLORS),
            ),
            helper.make_node("Gather", ["colors", "token"], ["vector"]),
        ],
        "words",
        [helper.make_tensor_value_info("text", TensorProto.STRING, [1])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, dimensions])],
        [helper.make_tensor("colors", TensorProto.FLOAT, colors.shape, colors.flatten())],
    )
    return _encode(graph)


def _encode(graph: onnx.GraphProto) -> bytes:
    versions = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 4)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=9)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def entry(name: str, network: bytes, address: str) -> str:
    digest = hashlib.sha256(network).hexdigest()
    fields = {
        "name": name,
        "job": "a test's",
        "licence": "none",
        "file": f"{name}.onnx",
        "size": len(network),
        "sha256": digest,
        "build": "copy",
        "source_size": len(network),
        "source_sha256": digest,
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in fields.items()]
    source = f'sources = [{{ url = "{address}/{name}.onnx" }}]'
    return "\n".join(["", "[[network]]", *lines, source, "[network.inputs]", "[network.outputs]"])


class Album:
    """One whose manifest can be added to; what has been opened is forgotten with each change."""

    def __init__(self, folder: Path, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._address = folder, address
        self._manifest = folder / "manifest.toml"
        shipped = manifest.read_manifest()
        self._manifest.write_text(manifest.MANIFEST.read_text(encoding="utf-8"), encoding="utf-8")
        networks = folder / "networks"
        networks.mkdir()
        for known in shipped.values():
            (networks / known.file).symlink_to(networks_dir() / known.file)
        monkeypatch.setattr(manifest, "MANIFEST", self._manifest)
        monkeypatch.setenv("NETWORKS_DIR", str(networks))

    def name(self, **networks: bytes) -> None:
        """The manifest names the networks, and they can be downloaded."""
        for key, network in networks.items():
            name = {"photos": PHOTOS, "words": WORDS}[key]
            (self._folder / f"{name}.onnx").write_bytes(network)
            with self._manifest.open("a", encoding="utf-8") as file:
                file.write(entry(name, network, self._address) + "\n")
        forget()


def forget() -> None:
    for cached in (
        manifest.shipped_manifest,
        labels_analyzer,
        image_text.photo_reader,
        meanings.meaning_of,
        meanings._open_encoder,
    ):
        cached.cache_clear()


@pytest.fixture
def album(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Album]:
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Album(tmp_path, f"http://127.0.0.1:{server.server_address[1]}", monkeypatch)
        server.shutdown()
        thread.join()
    monkeypatch.undo()
    forget()


@pytest.mark.django_db
def test_photos_are_found_by_the_networks_of_the_manifest(album: Album) -> None:
    user = User.objects.create_user("alice")
    album.name(photos=tiny_photo_network(), words=tiny_text_network())
    assert fetch.main([]) == 0
    for name, color in COLORS.items():
        image = np.full((30, 40, 3), color, np.uint8)
        found = analyse(Kind.LABELS, MODELS[Kind.LABELS][0], image)
        record_result(make_result(make_photo(user, filename=name), found))
    for english, chinese in CHINESE.items():
        for query in (english, chinese):
            # Sorted here: an index scan stops early among what other tests' rollbacks left in it.
            nearest = sorted(
                ImageFeatures.objects.annotate(
                    distance=CosineDistance("meaning", list(meaning_of(query)))
                ).select_related("photo"),
                key=lambda features: features.distance,
            )
            assert nearest[0].photo.filename == english
            assert [entry.distance < 0.01 for entry in nearest] == [True, False, False]


def test_a_result_tells_which_networks_made_it(album: Album) -> None:
    before = labels_analyzer().weights_sha256
    network = tiny_photo_network()
    album.name(photos=network, words=tiny_text_network())
    assert fetch.main([]) == 0
    after = labels_analyzer().weights_sha256
    assert after == f"{before}+{hashlib.sha256(network).hexdigest()}"


def test_without_them_meanings_are_those_of_labels(album: Album) -> None:
    forget()
    assert image_text.image_text_networks() == ()
    assert image_text.photo_reader() is None
    assert len(meaning_of("red")) == 512


def test_one_of_the_pair_alone_is_refused(album: Album) -> None:
    album.name(photos=tiny_photo_network())
    with pytest.raises(manifest.ManifestError, match="are a pair"):
        image_text.image_text_networks()


def test_a_network_of_another_shape_is_refused(album: Album) -> None:
    album.name(photos=tiny_text_network(), words=tiny_text_network(dimensions=513))
    assert fetch.main([]) == 0
    with pytest.raises(AnalysisError, match="not \\[1, 3, side, side\\]"):
        PhotoReader()
    with pytest.raises(AnalysisError, match="513 numbers"):
        TextReader().encode("red")

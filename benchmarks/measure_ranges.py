"""Measures what values pass through a network, so that it can be built in 8 bits.

    python -m benchmarks.measure_ranges NETWORK ...

Writes functions/networks/ranges/NETWORK.tsv. The photos are those of the tests, which are
freely licensed, each in several lights; nothing of the evaluation data is looked at. Run it
when a network or what is fed to it changes, and put the new digest into the manifest.
"""

import argparse
import copy
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from backend.embedded.process import ROOT
from benchmarks.evaluation_data import Pixels, load_preview
from functions.geometry import align_face
from functions.networks.building import RANGES, SIMPLIFIED
from functions.networks.face_detection import FaceDetector
from functions.networks.fetch import Fetcher
from functions.networks.image_classification import make_blob as make_scene_blob
from functions.networks.manifest import network_entry
from functions.networks.quantising import LayerRanges, layers_of, write_ranges
from functions.networks.text_detection import make_blob as make_page_blob
from functions.networks.text_recognition import LINE_HEIGHT
from functions.networks.text_recognition import make_blob as make_line_blob

PHOTOS = ROOT / "functions" / "tests" / "photos"
# Of the values of one layer in one picture, so many of a thousand may lie beyond the range on
# either side: a single outlier would cost all others their precision.
BEYOND = 0.1

# How many depthwise convolutions come before the first 8-bit layer; 1 where nothing is said.
SKIPPED = {"sface": 4}

Feed = dict[str, NDArray[np.float32]]


def measure(name: str) -> dict[str, LayerRanges]:
    model = SIMPLIFIED[name](_source(name))
    nodes = [node for node in layers_of(model) if _is_worth_it(name, model, node)]
    wanted = list(dict.fromkeys(value for node in nodes for value in (node.input[0], *node.output)))
    lows, highs = dict.fromkeys(wanted, 0.0), dict.fromkeys(wanted, 0.0)
    session = _open_with_outputs(model, wanted)
    names = [output.name for output in session.get_outputs()]
    for feed in FEEDS[name]():
        values = dict(zip(names, session.run(None, feed), strict=True)) | feed
        for value in wanted:
            low, high = np.percentile(values[value], [BEYOND / 10, 100 - BEYOND / 10])
            lows[value] = min(lows[value], float(low))
            highs[value] = max(highs[value], float(high))
    return {
        node.output[0]: LayerRanges(
            input=(lows[node.input[0]], highs[node.input[0]]),
            output=(lows[node.output[0]], highs[node.output[0]]),
        )
        for node in nodes
    }


def _is_worth_it(name: str, model: Any, node: Any) -> bool:
    """Pointwise convolutions and matrix products after the first layers.

    They are most of the work. The first layers' pictures are large, so that rounding them takes
    longer than it saves; depthwise ones see few values each and lose more than they gain.
    """
    shapes = {weight.name: list(weight.dims) for weight in model.graph.initializer}
    if node.op_type != "Conv":
        return True
    outputs = [other.output[0] for other in model.graph.node]
    depthwise = [
        outputs.index(other.output[0])
        for other in model.graph.node
        if other.op_type == "Conv" and shapes.get(other.input[1], [0, 0])[1] == 1
    ]
    *_, height, width = shapes[node.input[1]]
    is_late = outputs.index(node.output[0]) > depthwise[SKIPPED.get(name, 1) - 1]
    return is_late and (height, width) == (1, 1) and shapes[node.input[1]][1] > 1


def _source(name: str) -> bytes:
    """The bytes that the network is built from, as the manifest's source delivers them."""
    entry = network_entry(name)
    with tempfile.TemporaryDirectory() as folder:
        return Fetcher(Path(folder), say=print).read_source(entry)


def _open_with_outputs(model: Any, names: list[str]) -> Any:
    import onnxruntime

    model = copy.deepcopy(model)
    known = {value.name for value in (*model.graph.input, *model.graph.output)}
    for name in names:
        if name not in known:
            model.graph.output.add().name = name
    return onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )


def _in_other_lights(pixels: Pixels, generator: np.random.Generator) -> Iterator[Pixels]:
    """As it is, negative, faint, harsh, noisy, tinted; then taken by poorer and poorer cameras."""
    values = pixels.astype(np.float64)
    noise = generator.normal(0, 20, values.shape)
    lights = [values, 255 - values, values * 0.4 + 90, (values - 128) * 1.6 + 128]
    lights += [values + noise, values * (1, 0.8, 0.5)]
    lights += [_snapshot(pixels, generator) for _ in range(6)]
    for changed in lights:
        yield np.clip(changed, 0, 255).astype(np.uint8)


def _snapshot(pixels: Pixels, generator: np.random.Generator) -> NDArray[np.float64]:
    """Blurred by having been small, with less contrast, a shadow, a tint and noise."""
    height, width = pixels.shape[:2]
    share = generator.uniform(0.25, 0.75)
    size = (max(8, round(width * share)), max(8, round(height * share)))
    small = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    blurred = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC), np.float64)
    shadow = np.linspace(-1, 1, width)[None, :, None] * generator.uniform(0, 40)
    faint = (blurred - 128) * generator.uniform(0.25, 1) + generator.uniform(40, 220) + shadow
    noisy = faint + generator.normal(0, generator.uniform(0.5, 12), blurred.shape)
    return np.asarray(noisy * generator.uniform(0.8, 1.1, 3))


def _pages() -> Iterator[Feed]:
    generator = np.random.default_rng(0)
    for path in _photos():
        pixels = load_preview(path, side=640)
        for page in _in_other_lights(pixels, generator):
            yield {"x": make_page_blob(page)}


def _lines() -> Iterator[Feed]:
    """The lines that are read in the photos."""
    from functions.analyzers.text import text_analyzer
    from functions.analyzers.text_boxes import cut_out

    generator = np.random.default_rng(0)
    for path in _photos():
        picture = Image.fromarray(load_preview(path))
        for line in text_analyzer().analyse(np.asarray(picture)).lines:
            left, top = line.box.left * picture.width, line.box.top * picture.height
            right = left + line.box.width * picture.width
            bottom = top + line.box.height * picture.height
            box = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
            if line.box.height * picture.height > line.box.width * picture.width:
                box = np.roll(box, -1, axis=0)  # it runs downwards
            for pixels in _in_other_lights(cut_out(picture, box, LINE_HEIGHT), generator):
                yield {"x": make_line_blob(pixels)}


def _faces() -> Iterator[Feed]:
    generator = np.random.default_rng(0)
    detect = FaceDetector()
    for path in _photos():
        image = load_preview(path)
        for points in detect(image, min_score=0.7, limit=5).landmarks:
            crop = align_face(image, points)
            for face in (crop, np.ascontiguousarray(crop[:, ::-1])):
                for pixels in _in_other_lights(face, generator):
                    blob = pixels.transpose(2, 0, 1)[None].astype(np.float32)
                    yield {"data": np.ascontiguousarray(blob)}


def _photos() -> list[Path]:
    return sorted(path for path in PHOTOS.iterdir() if path.suffix in (".png", ".jpg"))


def _scenes() -> Iterator[Feed]:
    generator = np.random.default_rng(0)
    for path in _photos():
        for scene in _in_other_lights(load_preview(path, side=640), generator):
            yield {"image": make_scene_blob(scene)}


FEEDS: dict[str, Callable[[], Iterator[Feed]]] = {
    "ppocr-v6-small-det": _pages,
    "ppocr-v6-small-rec": _lines,
    "sface": _faces,
    "efficientnet-lite2": _scenes,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("network", nargs="+", choices=sorted(FEEDS))
    for name in parser.parse_args().network:
        ranges = measure(name)
        write_ranges(RANGES / f"{name}.tsv", ranges)
        print(f"{name}: {len(ranges)} layers")


if __name__ == "__main__":
    main()

"""RapidOCR, run by benchmarks.baselines in an environment of its own.

Each line of the input names a picture, {"path": ..., "geometry": "default" | "immich"}; each
line of the output says what was read, with boxes in fractions, and the CPU seconds it took.
The pictures are NumPy files, uint8[h, w, 3], RGB, so that decoding is nobody's cost.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import cv2  # type: ignore[import-not-found]
import numpy as np
from rapidocr import RapidOCR  # type: ignore[import-not-found]

# Immich's machine learning: the preview's longest side, and the side that detection gets.
IMMICH_PREVIEW = 1440
IMMICH_SHORT_SIDE = 736


def main() -> None:
    cv2.setNumThreads(1)
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the library prints is no answer
    engines: dict[str, Any] = {}
    for line in sys.stdin:
        request = json.loads(line)
        geometry = request["geometry"]
        if geometry not in engines:
            engines[geometry] = open_engine(geometry)
        out.write(json.dumps(read(engines[geometry], request), ensure_ascii=False) + "\n")
        out.flush()


def open_engine(geometry: str) -> Any:
    threads = {
        "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Global.log_level": "error",
    }
    engine = RapidOCR(params=threads)
    blank = np.full((320, 640, 3), 255, np.uint8)
    cv2.putText(blank, "warm up", (40, 160), cv2.FONT_HERSHEY_SIMPLEX, 3, (0, 0, 0), 6)
    engine(blank)
    if geometry == "immich":
        engine.text_det.get_preprocess = shorten(engine.text_det.get_preprocess)
    return engine


def shorten(get_preprocess: Callable[[], Any]) -> Callable[[], Any]:
    """Detection gets the picture with its short side at 736, larger ones made smaller too."""

    def get() -> Any:
        step = get_preprocess()

        def resize(image: Any) -> Any:
            height, width = image.shape[:2]
            ratio = IMMICH_SHORT_SIDE / min(height, width)
            size = [max(32, round(side * ratio / 32) * 32) for side in (width, height)]
            return cv2.resize(image, size)

        step.resize = resize
        return step

    return get


def read(engine: Any, request: dict[str, str]) -> dict[str, Any]:
    pixels = np.load(request["path"])
    bgr = np.ascontiguousarray(pixels[:, :, ::-1])
    began = time.process_time()
    height, width = bgr.shape[:2]
    if request["geometry"] == "immich" and max(height, width) > IMMICH_PREVIEW:
        ratio = IMMICH_PREVIEW / max(height, width)
        size = (max(1, round(width * ratio)), max(1, round(height * ratio)))
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
        height, width = bgr.shape[:2]
    found = engine(bgr)
    lines = []
    texts = found.txts or ()
    for box, text, score in zip(
        found.boxes if texts else (), texts, found.scores or (), strict=True
    ):
        left, top = (float(value) for value in box.min(axis=0))
        right, bottom = (float(value) for value in box.max(axis=0))
        lines.append(
            {
                "text": text,
                "score": float(score),
                "left": left / width,
                "top": top / height,
                "right": right / width,
                "bottom": bottom / height,
            }
        )
    return {
        "lines": lines,
        "cpu_s": time.process_time() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


if __name__ == "__main__":
    main()

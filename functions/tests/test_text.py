"""Text, read by the real networks in pictures drawn here and in photos that hold none."""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from functions import contract
from functions.analyzers.text import TextAnalyzer, text_analyzer
from functions.analyzers.text_boxes import MAX_CANDIDATES, cut_out, sides, trace_boxes, turned
from functions.inspection import inspect
from functions.networks.text_detection import TextDetector
from functions.networks.text_recognition import Reading, TextRecognizer

PHOTOS = Path(__file__).with_name("photos")

LEFT = [
    "The quick brown fox jumps over",
    "the lazy dog and runs away to",
    "the forest where other animals",
    "are waiting for the evening.",
]
RIGHT = [
    "A visitor came to the old house",
    "wearing a long coat and a hat",
    "that had seen better days, and",
    "sat down near the warm stove.",
]
POEM = ["床前明月光", "疑是地上霜", "举头望明月", "低头思故乡"]
OTHER_POEM = ["白日依山尽", "黄河入海流", "欲穷千里目", "更上一层楼"]


def photo(name: str) -> Image.Image:
    return Image.open(PHOTOS / name).convert("RGB")


def draw(
    lines: list[tuple[int, int, str]],
    *,
    size: tuple[int, int] = (1200, 500),
    font_size: float = 32,
    background: Image.Image | None = None,
) -> Image.Image:
    picture = background or Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=font_size)
    for left, top, text in lines:
        pen.text((left, top), text, font=font, fill="black")
    return picture


def column(lines: list[str], left: int, top: int = 60) -> list[tuple[int, int, str]]:
    return [(left, top + 60 * number, text) for number, text in enumerate(lines)]


def read(picture: Image.Image) -> list[contract.TextLine]:
    return text_analyzer().analyse(np.asarray(picture)).lines


def texts(picture: Image.Image) -> list[str]:
    return [line.text for line in read(picture)]


def test_english_is_read_with_its_spaces() -> None:
    assert texts(draw(column(LEFT, 60))) == LEFT


def test_two_columns_are_read_one_after_the_other() -> None:
    assert texts(draw(column(LEFT, 60) + column(RIGHT, 640))) == LEFT + RIGHT


def test_chinese_columns_are_read_one_after_the_other() -> None:
    assert texts(photo("two_columns_zh.png")) == ["唐诗二首", *POEM, *OTHER_POEM]


def test_vertical_chinese_is_read_from_right_to_left() -> None:
    assert texts(photo("vertical_zh.png")) == POEM


def test_a_receipt_is_read_row_by_row() -> None:
    names, prices = ["Green tea", "Fish ball", "Noodles"], ["3.20", "8.00", "12.50"]
    rows = [text for row in zip(names, prices, strict=True) for text in row]
    assert texts(draw(column(names, 60) + column(prices, 900))) == rows


@pytest.mark.parametrize("quarters", [1, 2, 3])
@pytest.mark.parametrize("name", ["two_columns_zh.png", "vertical_zh.png"])
def test_a_turned_page_is_read_like_an_upright_one(name: str, quarters: int) -> None:
    upright = texts(photo(name))
    turned = texts(photo(name).rotate(90 * quarters, expand=True))
    # Two forms of one character, of which half a pixel's shift decides.
    assert [line.replace("黃", "黄") for line in turned] == upright


def test_a_slanting_page_is_read_like_a_straight_one() -> None:
    page = draw(column(LEFT, 60) + column(RIGHT, 640))
    slanting = page.rotate(4, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC)
    assert texts(slanting) == LEFT + RIGHT


def test_a_box_is_around_its_line() -> None:
    (line,) = read(draw([(300, 200, "Bread and butter")]))
    # The font draws it from x = 300 to 553 and from y = 206 to 232.
    assert line.box.left == pytest.approx(300 / 1200, abs=0.02)
    assert line.box.left + line.box.width == pytest.approx(553 / 1200, abs=0.02)
    assert line.box.top < 206 / 500
    assert line.box.top + line.box.height > 232 / 500
    assert line.box.height < 0.15


def test_small_print_in_a_large_photo_is_found() -> None:
    background = photo("coffee.png").resize((2048, 1365))
    ImageDraw.Draw(background).rectangle((1500, 1000, 1990, 1140), fill="white")
    lines = [(1520, 1020 + 34 * number, text) for number, text in enumerate(LEFT[:3])]
    assert texts(draw(lines, font_size=22, background=background)) == LEFT[:3]


def test_large_letters_do_not_hide_small_print() -> None:
    page = draw([(60, 20, "SALE")], size=(1200, 900), font_size=300)
    page = draw(
        [(60, 450 + 34 * number, text) for number, text in enumerate(LEFT)],
        font_size=20,
        background=page,
    )
    assert texts(page) == ["SALE", *LEFT]


def test_a_conversation_in_one_long_screenshot_is_read_to_its_end() -> None:
    said = LEFT + RIGHT
    lines = [(60, 200 + 1100 * number, text) for number, text in enumerate(said)]
    screenshot = io.BytesIO()
    draw(lines, size=(1080, 9000), font_size=42).save(screenshot, "PNG")
    preview = inspect(screenshot.getvalue()).pixels
    assert [line.text for line in text_analyzer().analyse(preview).lines] == said


def test_a_line_longer_than_one_piece_loses_nothing() -> None:
    text = " ".join(LEFT + RIGHT)
    assert texts(draw([(20, 20, text)], size=(2040, 60), font_size=16)) == [text]


@pytest.mark.parametrize("name", ["chelsea.png", "coffee.png", "flower.jpg"])
def test_a_photo_without_text_has_no_lines(name: str) -> None:
    assert texts(photo(name)) == []


def test_a_tight_crop_of_one_line_is_read_whole() -> None:
    assert texts(draw([(4, 1, "AB 2047")], size=(94, 24), font_size=20)) == ["AB 2047"]


def test_no_more_lines_are_read_than_a_result_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contract, "MAX_TEXT_LINES", 3)
    assert len(read(draw(column(LEFT, 60) + column(RIGHT, 640)))) == 3


def test_of_ten_thousand_lines_as_many_are_read_as_a_result_may_hold(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    places = np.stack(np.meshgrid(np.arange(100), np.arange(100)), axis=-1).reshape(-1, 1, 2)
    boxes = places * (20.0, 10.0) + np.array([[0, 0], [18, 0], [18, 6], [0, 6]])
    read_lines: list[int] = []

    def read_one(line: NDArray[np.uint8]) -> Reading:
        read_lines.append(line.shape[1])
        return Reading(text="line", score=0.99)

    analyzer = TextAnalyzer()
    monkeypatch.setattr(analyzer, "_find", lambda picture, smaller, reads_as_text: boxes)
    monkeypatch.setattr(analyzer, "_recognize", read_one)
    found = analyzer.analyse(np.zeros((1000, 2000, 3), np.uint8))
    assert len(found.lines) == len(read_lines) == contract.MAX_TEXT_LINES


def test_of_ten_thousand_cores_the_largest_are_looked_at() -> None:
    probabilities = np.zeros((512, 640), np.float32)
    probabilities[2::5, 2::5] = probabilities[3::5, 2::5] = 1.0
    probabilities[100:120, 100:300] = 1.0
    found = trace_boxes(probabilities)
    assert len(found.boxes) + len(found.doubtful) == MAX_CANDIDATES
    assert max(max(sides(box)) for box in found.boxes) > 190


def test_a_reading_that_is_not_a_number_is_no_text(monkeypatch: pytest.MonkeyPatch) -> None:
    analyzer = TextAnalyzer()
    unsure = Reading(text="line", score=float("nan"))
    monkeypatch.setattr(analyzer, "_recognize", lambda line: unsure)
    assert analyzer.analyse(np.asarray(draw(column(LEFT, 60)))).lines == []


@pytest.mark.parametrize(
    ("width", "height"),
    [(1, 1), (3, 3), (31, 33), (1, 2048), (2048, 1), (2048, 13), (13, 20_000), (4000, 1)],
)
@pytest.mark.parametrize("filling", ["noise", "black"])
def test_any_shape_is_looked_at(width: int, height: int, filling: str) -> None:
    image = np.zeros((height, width, 3), dtype=np.uint8)
    if filling == "noise":
        image = np.random.default_rng(0).integers(0, 256, image.shape, dtype=np.uint8)
    lines = text_analyzer().analyse(image).lines
    assert all(line.text and line.score <= 1 for line in lines)


def test_boxes_stay_inside_the_photo_where_text_is_cut_off() -> None:
    lines = read(draw([(-40, -8, "Bread and butter"), (1050, 468, "and some jam")]))
    assert lines
    for line in lines:
        box = line.box
        assert box.left >= 0
        assert box.top >= 0
        assert box.width > 0
        assert box.height > 0
        assert box.left + box.width <= 1 + 1e-9
        assert box.top + box.height <= 1 + 1e-9


def test_findings_survive_their_way_as_json() -> None:
    findings = text_analyzer().analyse(np.asarray(draw(column(LEFT, 60))))
    run = contract.Run(
        request_id="r",
        started_at="2026-11-20T00:00:00Z",
        duration_ms=1.0,
        cpu_ms=1.0,
        memory_mb=1.0,
        cold_start=False,
        runtime="test",
        weights_sha256=text_analyzer().weights_sha256,
        input_sha256="",
    )
    result = contract.Result(
        photo_id="p", kind=contract.Kind.TEXT, model="ppocr-v6-small-1", run=run, findings=findings
    )
    assert contract.result_from_json(contract.result_to_json(result)) == result


def test_two_threads_read_what_one_reads() -> None:
    page = draw(column(LEFT, 60) + column(RIGHT, 640))
    alone = read(page)
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, [page, page])) == [alone, alone]


def test_the_weights_of_both_networks_are_named() -> None:
    digests = text_analyzer().weights_sha256.split("+")
    assert [len(bytes.fromhex(digest)) for digest in digests] == [32, 32]


@pytest.mark.parametrize(
    "image", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 4), np.uint8), np.zeros((4, 4, 3))]
)
def test_anything_but_an_rgb_image_is_refused(image: NDArray[np.uint8]) -> None:
    with pytest.raises(ValueError, match=r"expected uint8\[h, w, 3\]"):
        text_analyzer().analyse(image)
    with pytest.raises(ValueError, match=r"expected uint8\[h, w, 3\]"):
        TextDetector()(image)


def test_a_line_of_another_height_is_refused() -> None:
    with pytest.raises(ValueError, match=r"expected uint8\[48, w, 3\]"):
        TextRecognizer()(np.zeros((32, 100, 3), np.uint8))


def test_a_core_grows_to_its_line_and_a_hole_is_no_line() -> None:
    probabilities = np.zeros((100, 200), dtype=np.float32)
    probabilities[40:50, 20:120] = 1.0
    probabilities[44:46, 60:70] = 0.0
    (box,) = trace_boxes(probabilities).boxes
    width, height = sides(box)
    # The core is 100 x 10; it grows by 100 * 10 * 1.6 / 220 = 7.3 on each side.
    assert (width, height) == pytest.approx((114.5, 24.5), abs=1.5)
    assert box.mean(axis=0) == pytest.approx((70, 45), abs=0.6)


def test_what_is_too_improbable_is_doubtful() -> None:
    probabilities = np.zeros((100, 200), dtype=np.float32)
    probabilities[40:50, 20:120] = 0.35
    found = trace_boxes(probabilities)
    assert (len(found.boxes), len(found.doubtful)) == (0, 1)


def test_a_turned_box_is_cut_out_turned() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8)
    box = np.array([[[0, 0], [60, 0], [60, 40], [0, 40]]], dtype=np.float64)
    straight = cut_out(Image.fromarray(pixels), box[0], 40)
    half_turned = cut_out(Image.fromarray(pixels), turned(box, 2)[0], 40)
    quarter_turned = cut_out(Image.fromarray(pixels), turned(box, 1)[0], 60)
    assert np.array_equal(straight, pixels)
    assert np.abs(half_turned[::-1, ::-1].astype(int) - pixels).mean() < 1
    assert np.abs(quarter_turned.astype(int) - np.rot90(pixels)).mean() < 1

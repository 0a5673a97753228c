from typing import Literal

PieceKindEnum = Literal[
    "date", "favorite", "has_people", "has_text", "label", "person", "place", "tag", "text"
]

PIECE_KIND_ENUM_VALUES: set[PieceKindEnum] = {
    "date",
    "favorite",
    "has_people",
    "has_text",
    "label",
    "person",
    "place",
    "tag",
    "text",
}


def check_piece_kind_enum(value: str) -> PieceKindEnum:
    if value in PIECE_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PIECE_KIND_ENUM_VALUES!r}")

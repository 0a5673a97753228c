"""Writes functions/analyzers/class_meanings.npy: what each class's names mean.

    python -m benchmarks.write_class_meanings

Run it when a name in label_names.tsv changes. A class is the mean of its English name, its Chinese
name and its definition in WordNet 3.0 (class_definitions.tsv; the licence of its words is
backend/search/english_words.LICENSE), less the mean of all classes, which says only that something
is a thing.
"""

import csv
from pathlib import Path

import numpy as np

from backend.core.meanings import meaning_of
from functions.analyzers.labels import read_label_names
from functions.analyzers.photo_meaning import CLASS_MEANINGS

DEFINITIONS = Path(__file__).with_name("class_definitions.tsv")


def main() -> None:
    with DEFINITIONS.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, strict=True)
        definitions = {row["wnid"]: row["definition"] for row in rows}
    named = [
        [meaning_of(text) for text in (label.name, label.name_zh, definitions[label.wnid])]
        for label in read_label_names()
    ]
    meanings = np.array(named).mean(axis=1)
    meanings -= meanings.mean(axis=0)
    # One scale for all: a photo's vector is brought to unit length.
    rounded = np.rint(meanings * (127 / np.abs(meanings).max())).astype(np.int8)
    np.save(CLASS_MEANINGS, rounded, allow_pickle=False)
    print(f"{CLASS_MEANINGS}: {rounded.shape[0]} classes")


if __name__ == "__main__":
    main()

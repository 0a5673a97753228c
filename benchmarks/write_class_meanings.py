"""Writes functions/analyzers/class_meanings.npy: what each class's names mean.

    python -m benchmarks.write_class_meanings

Run it when a name in label_names.tsv changes. A class is the mean of its English and its Chinese
name, less the mean of all classes, which says only that something is a thing.
"""

import numpy as np

from backend.core.meanings import meaning_of
from functions.analyzers.labels import read_label_names
from functions.analyzers.photo_meaning import CLASS_MEANINGS


def main() -> None:
    named = [[meaning_of(label.name), meaning_of(label.name_zh)] for label in read_label_names()]
    meanings = np.array(named).mean(axis=1)
    meanings -= meanings.mean(axis=0)
    # One scale for all: a photo's vector is brought to unit length.
    rounded = np.rint(meanings * (127 / np.abs(meanings).max())).astype(np.int8)
    np.save(CLASS_MEANINGS, rounded, allow_pickle=False)
    print(f"{CLASS_MEANINGS}: {rounded.shape[0]} classes")


if __name__ == "__main__":
    main()

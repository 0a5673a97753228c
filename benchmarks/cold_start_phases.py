"""Where a cold start goes, as a program that runs inside an unpacked zip.

    python -S cold_start_phases.py KIND PREVIEW

with the zip's folder as PYTHONPATH. Prints a JSON object: phase -> CPU milliseconds, in order.
"""

import json
import sys
import time
from pathlib import Path

PHASES: dict[str, float] = {}
_last = 0.0


def note(phase: str) -> None:
    """What was done since the last note was this phase."""
    global _last  # noqa: PLW0603 - one program, one clock
    now = time.process_time()
    PHASES[phase] = round((now - _last) * 1000, 1)
    _last = now


def main() -> None:
    kind, preview = sys.argv[1:]
    note("interpreter")
    import awslambdaric.bootstrap  # type: ignore[import-untyped]

    note("Lambda's runtime client")
    import numpy
    import PIL.Image

    note("numpy, Pillow")
    import boto3

    note("boto3")
    from functions import handlers, storage

    note("our own code, the other imports")
    storage._client()
    note("an S3 client")
    picture = Path(preview).read_bytes()
    if kind == "inspection":
        from functions.inspection import inspect

        inspect(picture)
        note("first run")
        inspect(picture)
        note("next run")
    else:
        _look(kind, picture)
    print(json.dumps(PHASES))
    # Imported to be measured.
    del awslambdaric, numpy, PIL, boto3, handlers


def _look(kind: str, picture: bytes) -> None:
    import onnxruntime

    from functions.contract import MODELS, Kind
    from functions.handlers import analyse
    from functions.images import decode_upright
    from functions.networks import network
    from functions.networks.manifest import NetworkEntry

    note("onnxruntime")
    opening = time.process_time()
    original = network.check_file

    def timed_check(entry: NetworkEntry, path: Path) -> None:
        began = time.process_time()
        original(entry, path)
        checking.append(time.process_time() - began)

    checking: list[float] = []
    network.check_file = timed_check
    opened: list[float] = []
    open_session = network.Network.__init__

    def timed_open(self: network.Network, **arguments: object) -> None:
        began = time.process_time()
        open_session(self, **arguments)  # type: ignore[arg-type]
        opened.append(time.process_time() - began)

    network.Network.__init__ = timed_open  # type: ignore[method-assign]
    image = decode_upright(picture, longest_side=2048)
    model = MODELS[Kind(kind)][0]
    analyse(Kind(kind), model, image)
    global _last  # noqa: PLW0603 - one program, one clock
    whole = time.process_time() - opening
    PHASES["weights: SHA-256"] = round(sum(checking) * 1000, 1)
    PHASES["weights: opening"] = round(sum(opened) * 1000, 1)
    PHASES["first run"] = round((whole - sum(checking) - sum(opened)) * 1000, 1)
    _last = time.process_time()
    image = decode_upright(picture, longest_side=2048)
    analyse(Kind(kind), model, image)
    note("next run")
    del onnxruntime


if __name__ == "__main__":
    main()

"""What a prediction takes, of each kind: `python -m benchmarks.predict [--rate 1] [--seconds 20]`.

Starts an album as everybody does, with one thread of functions, and sends pictures of the
repository to POST /predict/{kind}: one after the other, and then at a steady rate, whether or not
earlier ones have been answered. Prints one table.
"""

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import urllib3
from rich.console import Console
from urllib3.filepost import encode_multipart_formdata

from backend.embedded.process import ROOT
from benchmarks.album import Album, AlbumError, running_album
from benchmarks.load import Call, Outcome, Plan, run_load
from benchmarks.processes import WORKER, ProgramError, Programs
from benchmarks.tables import Report, describe_machine, milliseconds, use_cores

CORES = 2
KINDS = ("faces", "labels", "text", "moderation")
PICTURES = ("astronaut.png", "china.jpg", "grace_hopper.jpg", "text.png")
ALONE = 20
# Slower than any answer: calls meet nobody.
_ALONE_RATE = 0.5
_BOUNDARY = "a-boundary-of-ours"


def main(arguments: Sequence[str] | None = None) -> int:
    options = _read_options(arguments)
    tell = Console(stderr=True, highlight=False, soft_wrap=True).print
    use_cores(CORES)
    os.environ["RATE_LIMIT_PREDICT"] = "1000000"
    report = Report(
        f"A prediction, alone and at {options.rate} a second; CPU of the functions, of the rest",
        ["50 %", "95 %", f"50 % at {options.rate}/s", f"95 % at {options.rate}/s", "CPU", "rest"],
    )
    try:
        with running_album(threads=1) as album:
            programs, headers = Programs(album.launcher), _sign_in(album)
            for kind in KINDS:
                tell(f"{kind} ...")
                calls = _calls(kind)
                _send(album, headers, itertools.islice(calls, len(PICTURES)), rate=_ALONE_RATE)
                before = programs.usage()
                alone = _send(
                    album, headers, itertools.islice(calls, options.alone), rate=_ALONE_RATE
                )
                spent = programs.usage().since(before).programs
                count = int(options.rate * options.seconds)
                steady = _send(album, headers, itertools.islice(calls, count), rate=options.rate)
                rest = sum(spent.values()) - spent[WORKER]
                times = [*_times(alone), *_times(steady)]
                cpu = [spent[WORKER] / len(alone), rest / len(alone)]
                report.add(kind, *map(milliseconds, [*times, *cpu]))
                refused = [each for each in [*alone, *steady] if each.status != 200]
                report.judge(
                    f"  {kind} without an answer", len(refused), unit=str, limit=0, strict=False
                )
            machine = describe_machine()
    except (AlbumError, ProgramError) as error:
        tell(str(error), markup=False)
        return 1
    console = Console(highlight=False, width=max(130, Console().width))
    for line in machine:
        console.print(line, soft_wrap=True)
    report.print(console)
    return 0


def _read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.predict", description=__doc__)
    parser.add_argument("--rate", type=float, default=1, help="calls a second")
    parser.add_argument("--seconds", type=int, default=20, help="of the steady load of each kind")
    parser.add_argument("--alone", type=int, default=ALONE, help="calls that meet nobody, a kind")
    return parser.parse_args(arguments)


def _sign_in(album: Album) -> dict[str, str]:
    account = {
        "username": album.environ["ADMIN_USERNAME"],
        "password": album.environ["ADMIN_PASSWORD"],
    }
    answer = urllib3.request("POST", f"{album.url}/api/v1/auth/login", json=account)
    if answer.status != 200:
        raise AlbumError(f"Signing in was answered {answer.status}.")
    return {
        "Authorization": f"Bearer {json.loads(answer.data)['token']}",
        "Content-Type": f"multipart/form-data; boundary={_BOUNDARY}",
    }


def _calls(kind: str) -> Iterator[Call]:
    """The pictures by turns, for ever."""
    bodies = []
    for name in PICTURES:
        data = (ROOT / "functions/tests/photos" / name).read_bytes()
        form, _ = encode_multipart_formdata({"image": (name, data)}, boundary=_BOUNDARY)
        bodies.append(form.decode("latin-1"))
    for body in itertools.cycle(bodies):
        yield Call(kind, "POST", f"/api/v1/predict/{kind}", body)


def _send(
    album: Album, headers: dict[str, str], calls: Iterator[Call], *, rate: float
) -> list[Outcome]:
    return run_load(Plan(urls=[album.url], headers=headers, rate=rate, calls=list(calls)))


def _times(outcomes: list[Outcome]) -> list[float]:
    """Half of them within so many seconds, and 95 of 100."""
    taken = [outcome.seconds for outcome in outcomes]
    return [float(value) for value in np.percentile(taken, [50, 95])]


if __name__ == "__main__":
    sys.exit(main())

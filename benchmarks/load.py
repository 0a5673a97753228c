"""A load that does not wait: each call is sent when its time has come, whatever became of others.

So a server that falls behind is seen to: what a call takes is counted from the moment when it was
due. Runs in a process of its own: python -m benchmarks.load, with a Plan as JSON on its standard
input; it answers with the Outcomes as JSON.
"""

import asyncio
import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

from backend.embedded.process import ROOT

# A server that is this far behind will not catch up.
_PATIENCE_SECONDS = 30.0


@dataclass(frozen=True)
class Call:
    """One call: what it is of, and what is sent, its bytes as Latin-1."""

    kind: str
    method: str
    path: str
    body: str = ""


@dataclass(frozen=True)
class Plan:
    """Calls in their order, so many a second, with these headers, to the servers by turns."""

    urls: list[str]
    headers: dict[str, str]
    rate: float
    calls: list[Call]


@dataclass(frozen=True)
class Outcome:
    """status: 0 if there was no answer. seconds: from when the call was due to its last byte."""

    kind: str
    status: int
    seconds: float


def run_load(plan: Plan) -> list[Outcome]:
    """Every call was sent at its time, by another process. Takes len(calls) / rate seconds."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.load"],
        input=json.dumps(asdict(plan)),
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=True,
        timeout=len(plan.calls) / plan.rate + 2 * _PATIENCE_SECONDS,
    )
    return [Outcome(*fields) for fields in json.loads(done.stdout)]


class _Sender:
    """Keeps connections to one server open, as a proxy does, and opens as many as it needs."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        address = urlsplit(url)
        self._host, self._port = address.hostname or "", address.port or 80
        lines = {"Host": address.netloc, "Content-Type": "application/json"} | headers
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, call: Call, due: float) -> Outcome:
        await asyncio.sleep(due - time.monotonic())
        try:
            status = await asyncio.wait_for(self._exchange(call), _PATIENCE_SECONDS)
        except (OSError, ValueError, TimeoutError, asyncio.IncompleteReadError):
            status = 0
        return Outcome(call.kind, status, time.monotonic() - due)

    async def _exchange(self, call: Call) -> int:
        if self._idle:
            reader, writer = self._idle.pop()
        else:
            reader, writer = await asyncio.open_connection(self._host, self._port)
        body = call.body.encode("latin-1")
        head = f"{call.method} {call.path} HTTP/1.1\r\n{self._lines}Content-Length: {len(body)}\r\n"
        writer.write(f"{head}\r\n".encode() + body)
        answer = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        length = answer.lower().partition("content-length:")[2].partition("\r\n")[0]
        await reader.readexactly(int(length))
        self._idle.append((reader, writer))
        return int(answer.split(" ", 2)[1])


async def _send_all(plan: Plan) -> list[Outcome]:
    senders = [_Sender(url, plan.headers) for url in plan.urls]
    begin = time.monotonic() + 0.2
    sent = [
        senders[number % len(senders)].send(call, begin + number / plan.rate)
        for number, call in enumerate(plan.calls)
    ]
    return await asyncio.gather(*sent)


def main() -> int:
    given = json.load(sys.stdin)
    plan = Plan(**given | {"calls": [Call(**call) for call in given["calls"]]})
    outcomes = asyncio.run(_send_all(plan))
    json.dump([[each.kind, each.status, each.seconds] for each in outcomes], sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())

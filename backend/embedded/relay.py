"""Passes connections on from the network's side to the loopback side, byte for byte.

    python -m backend.embedded.relay ADDRESS PORT TO_PORT

With HOST set, the storage's S3 port is reached through this: the storage itself would open more
than that port there. It has a port of its own, as the storage does not start where anybody has
the same one on another address.
"""

import asyncio
import contextlib
import functools
import sys

_CHUNK = 256 * 1024


async def relay(*, host: str, port: int, to_port: int) -> None:
    """Whoever connects to host:port talks to 127.0.0.1:to_port. Runs until cancelled."""
    server = await asyncio.start_server(functools.partial(_pass_on, to_port), host, port)
    print(f"relay ready on {host}:{port}", flush=True)
    async with server:
        await server.serve_forever()


async def _pass_on(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(OSError):
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", port)
        with contextlib.closing(inner_writer):
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything that comes goes on, no faster than it is taken; then the end is passed on too."""
    while chunk := await reader.read(_CHUNK):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(relay(host=sys.argv[1], port=int(sys.argv[2]), to_port=int(sys.argv[3])))

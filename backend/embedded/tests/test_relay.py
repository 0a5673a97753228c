import asyncio
import contextlib

from backend.embedded.relay import relay


async def _talk(data: bytes) -> bytes:
    """Send through a relay to a server that answers with everything it got, and the end."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"got:" + await reader.read(-1))
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as inner:
        port = inner.sockets[0].getsockname()[1]
        task = asyncio.create_task(relay(host="127.0.0.2", port=port, to_port=port))
        try:
            return await asyncio.wait_for(_send(port, data), timeout=30)
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


async def _send(port: int, data: bytes) -> bytes:
    while True:
        with contextlib.suppress(ConnectionRefusedError):
            reader, writer = await asyncio.open_connection("127.0.0.2", port)
            break
        await asyncio.sleep(0.01)
    writer.write(data)
    writer.write_eof()
    answer = await reader.read(-1)
    writer.close()
    return answer


def test_bytes_pass_both_ways_and_so_does_their_end() -> None:
    data = bytes(range(256)) * 20_000  # more than any buffer between
    assert asyncio.run(_talk(data)) == b"got:" + data

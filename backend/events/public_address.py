"""Connections that go to public addresses only, whatever a name says, and end in time.

The address is checked when the connection is made, and that very address is connected to: a
name that is public when it is asked for and private a moment later leads nowhere.
"""

import contextlib
import ipaddress
import socket
import threading

from django.conf import settings
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError
from urllib3.response import HTTPResponse

# From a request's end to its answer's body, however slowly the answer comes in.
ANSWER_SECONDS = 10
_UNICAST = ipaddress.ip_network("2000::/3")


class PrivateAddressError(NewConnectionError):
    """The name leads to an address that is not for the public."""


def is_public(address: str) -> bool:
    """False for loopback, private, link-local, multicast and reserved ones, mapped or not."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address) and (
        # Others, and these two, may be a private address of the older kind in disguise.
        found not in _UNICAST or found.sixtofour or found.teredo
    ):
        return False
    return found.is_global and not found.is_multicast


class _PublicConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _connect(self)

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]
        # A time-out is for each piece that comes in, and somebody may send a byte at a time.
        late = threading.Event()
        limit = threading.Timer(ANSWER_SECONDS, self._break_off, [late])
        limit.daemon = True
        limit.start()
        try:
            answer = super().getresponse()
        finally:
            limit.cancel()
        if late.is_set():  # what was cut off may look whole
            raise TimeoutError
        return answer

    def _break_off(self, late: threading.Event) -> None:
        late.set()
        connected = self.sock
        with contextlib.suppress(OSError):  # it has ended by itself
            if connected is not None:
                connected.shutdown(socket.SHUT_RDWR)


class _PublicTlsConnection(_PublicConnection, HTTPSConnection):
    pass


def _connect(connection: HTTPConnection) -> socket.socket:
    host, port = connection._dns_host, connection.port
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NewConnectionError(connection, f"{host} has no address") from error
    addresses = [str(entry[4][0]) for entry in found]
    if not settings.WEBHOOKS_TO_PRIVATE_ADDRESSES:
        refused = [address for address in addresses if not is_public(address)]
        if refused:
            raise PrivateAddressError(connection, f"{host} leads to {refused[0]}")
    try:
        return socket.create_connection((addresses[0], port), timeout=connection.timeout)
    except OSError as error:
        raise NewConnectionError(connection, f"{host} does not answer: {error}") from error


class _PublicPool(HTTPConnectionPool):
    ConnectionCls = _PublicConnection


class _PublicTlsPool(HTTPSConnectionPool):
    ConnectionCls = _PublicTlsConnection


def public_http() -> PoolManager:
    """Like any PoolManager, but it connects to public addresses only."""
    manager = PoolManager(num_pools=16)
    manager.pool_classes_by_scheme = {"http": _PublicPool, "https": _PublicTlsPool}
    return manager

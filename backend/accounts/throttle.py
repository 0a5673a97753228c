"""How often somebody may try to sign in."""

import hashlib
import ipaddress

from django.conf import settings
from django.http import HttpRequest

from backend.core.rate_limit import count_attempt


def count_login(*, address: str, username: str) -> None:
    """One more attempt is counted. Raises RefusedError too_many_requests with how long to wait.

    An address has so many attempts at one account, and so many at all: guessing many passwords
    for one name and one password for many names are both slow.
    """
    count_attempt(
        {
            f"login:{address}:{_digest(username)}": settings.LOGIN_ATTEMPTS,
            f"login:{address}": settings.LOGIN_ATTEMPTS_ADDRESS,
        }
    )


def _digest(username: str) -> str:
    # Cache keys take neither spaces nor any length.
    return hashlib.sha256(username.casefold().encode("utf-8", "replace")).hexdigest()


def client_address(request: HttpRequest) -> str:
    """Where a request comes from: what the last of our own proxies says, if there are any.

    Of IPv6 it is the network: who has one address has 2**64.
    """
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    proxies = settings.NUM_PROXIES
    text = str(request.META.get("REMOTE_ADDR", ""))
    if proxies and len(hops) >= proxies:
        text = hops[-proxies]
    try:
        address = ipaddress.ip_address(text)
    except ValueError:  # a proxy's own word for it
        return text
    if isinstance(address, ipaddress.IPv4Address):
        return text
    network = ipaddress.ip_network((address, 64), strict=False)
    return str(address.ipv4_mapped or network.network_address)

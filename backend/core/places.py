"""Where on earth a pair of coordinates is, without a network."""

import functools
import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Place:
    """Names in English; empty where unknown."""

    country: str
    region: str
    city: str
    county: str = ""  # between region and city; in China the prefecture


@functools.lru_cache(maxsize=4096)
def find_place(latitude: float, longitude: float) -> Place:
    """The nearest town, by the GeoNames extract of the reverse_geocode package.

    The first call loads the table (about a second).
    """
    import reverse_geocode

    found = reverse_geocode.get((latitude, longitude))
    return Place(
        country=found.get("country", ""),
        region=found.get("state", ""),
        city=found.get("city", ""),
        county=found.get("county", ""),
    )


_AXIS = 6378245.0  # of the Krasovsky 1940 ellipsoid, metres
_ECCENTRICITY = 0.00669342162296594323


def wgs84_to_gcj02(latitude: float, longitude: float) -> tuple[float, float]:
    """Shift coordinates to the datum that maps in mainland China must use.

    Outside its rectangle nothing is shifted. Accurate to a metre or two; formula as published
    in many open-source map libraries (the datum itself is not public).
    """
    if not (0.8293 <= latitude <= 55.8271 and 72.004 <= longitude <= 137.8347):
        return latitude, longitude
    x, y = longitude - 105.0, latitude - 35.0
    wave = 20.0 * math.sin(6.0 * x * math.pi) + 20.0 * math.sin(2.0 * x * math.pi)
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * math.sqrt(abs(x))
    north += wave * 2 / 3
    north += (20.0 * math.sin(y * math.pi) + 40.0 * math.sin(y / 3.0 * math.pi)) * 2 / 3
    north += (160.0 * math.sin(y / 12.0 * math.pi) + 320 * math.sin(y * math.pi / 30.0)) * 2 / 3
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * math.sqrt(abs(x))
    east += wave * 2 / 3
    east += (20.0 * math.sin(x * math.pi) + 40.0 * math.sin(x / 3.0 * math.pi)) * 2 / 3
    east += (150.0 * math.sin(x / 12.0 * math.pi) + 300.0 * math.sin(x / 30.0 * math.pi)) * 2 / 3
    angle = math.radians(latitude)
    bend = 1 - _ECCENTRICITY * math.sin(angle) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (bend * math.sqrt(bend))
    parallel = _AXIS / math.sqrt(bend) * math.cos(angle)
    return latitude + math.degrees(north / meridian), longitude + math.degrees(east / parallel)

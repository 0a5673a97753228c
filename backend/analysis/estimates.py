"""What an analysis is likely to take, from what such analyses took lately."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

# As many of the latest; more would only tell of older machines.
_LOOK_BACK = 500


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Milliseconds of CPU time. runs: how many it is from."""

    median: float
    most: float
    runs: int


Model = tuple[str, str]  # kind, model


def estimate(models: Iterable[Model]) -> dict[Model, Estimate]:
    """For each (kind, model) that has been run before; the others are not in the answer."""
    found = {}
    with connection.cursor() as cursor:
        for kind, model in models:
            cursor.execute(_LATELY, [kind, model, _LOOK_BACK])
            median, most, runs = cursor.fetchone()
            if runs:
                found[kind, model] = Estimate(median=median, most=most, runs=runs)
    return found


_LATELY = """
    select percentile_cont(0.5) within group (order by cpu_ms), max(cpu_ms), count(*)
    from (
        select cpu_ms from analysis_analysis
        where kind = %s and model = %s and state = 'done' and finished_at is not null
        order by finished_at desc limit %s
    ) lately
    where cpu_ms is not null
"""

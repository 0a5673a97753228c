"""Queries whose SQL is written once.

Django writes a query's SQL anew each time it is asked, which takes longer than Postgres takes to
answer. What every call asks is written once a process here, with places for the values.
"""

import copy
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Expression, Field, QuerySet

Row = TypeVar("Row")


class Given(Expression):
    """The place of a value that is told when the query is asked. Never None: that is IS NULL."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Written(Generic[Row]):
    """A query that differs in nothing but the values that are given to it.

    make: its queryset, called once. Whatever else it looks at, such as a setting, stays as it was.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Row]]) -> None:
        self._make = make
        self._written: tuple[QuerySet[Any, Row], Any, str, tuple[Any, ...]] | None = None

    def __call__(self, **values: Any) -> list[Row]:
        """The rows, as the queryset would have them."""
        if self._written is None:
            self._written = self._write()
        queryset, compiler, sql, parameters = self._written
        filled = tuple(
            values[each.name] if isinstance(each, Given) else each for each in parameters
        )
        compiler = copy.copy(compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]  # each thread has its own
        compiler.as_sql = lambda *_, **__: (sql, filled)
        asked = queryset.all()
        asked.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(asked)

    def _write(self) -> tuple[QuerySet[Any, Row], Any, str, tuple[Any, ...]]:
        queryset = self._make()
        compiler: Any = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        compiler.get_converters = lambda _: converters
        return queryset, compiler, sql, parameters

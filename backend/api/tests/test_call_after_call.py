"""schemathesis makes things and then reads, changes and deletes what it was told of them.

Which operation's answer names what another one asks for, it finds in the document by itself.
"""

import os
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import Case, Response

from backend.api.tests import test_policy
from backend.api.tests.test_every_call import SCHEMA, lenient_checks, patient

__all__ = ["patient"]  # a fixture
# So many worlds, and so many calls in each.
WORLDS = int(os.environ.get("FUZZ_CALLS", "10")) // 2
STEPS = 8


class CallAfterCall(SCHEMA.as_state_machine()):  # type: ignore[misc]
    """Somebody who goes on with what they were answered. Afterwards nothing has happened."""

    def setup(self) -> None:
        cache.clear()
        self._undone = test_policy.undone()
        self._undone.__enter__()
        self._headers = test_policy.make_world()["headers"]["owner"]

    def teardown(self) -> None:
        self._undone.__exit__(None, None, None)

    def get_call_kwargs(self, case: Case[Any]) -> dict[str, Any]:
        return {"headers": self._headers}

    def call(self, case: Case[Any], **values: Any) -> Any:
        # A call that breaks off does not break what follows.
        with transaction.atomic():
            return super().call(case, **values)

    def validate_response(self, response: Response, case: Case[Any], **values: Any) -> None:
        case.validate_response(
            response,
            excluded_checks=lenient_checks(case),
            headers=self._headers,
            transport_kwargs=values,
            recorder=self.recorder,
        )


@pytest.mark.django_db
def test_what_was_answered_can_be_gone_on_with() -> None:
    run_state_machine_as_test(
        CallAfterCall,
        settings=settings(
            max_examples=max(WORLDS, 1),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )

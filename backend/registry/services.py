"""A decision on what a model is for goes on record."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from backend.accounts.models import User
from backend.core.locks import lock
from backend.registry.models import ModelVersion
from backend.registry.selectors import forget_active_models, versions

State = ModelVersion.State
# No photo has an earlier id.
FIRST = UUID(int=0)


def hold_kind(kind: str) -> None:
    """Until the transaction ends, nobody else decides about models of the kind."""
    lock("rollout", kind)


@transaction.atomic
def decide(version: ModelVersion, *, state: State, share: float, by: User) -> None:
    """The model is for what the state says; one that was active in its place is a shadow now.

    Other processes know ROLLOUT_SECONDS later. Safe to run twice. Whether it may be so is asked
    by analysis.rolling_out, which holds the kind.
    """
    if (version.state, version.share) == (state, share):
        return
    if state == State.ACTIVE:
        for former in versions():
            if former.kind == version.kind and former.state == State.ACTIVE:
                _write(former, state=State.SHADOW, share=1.0, by=by)
    _write(version, state=state, share=share, by=by)
    forget_active_models()
    transaction.on_commit(forget_active_models)


def _write(version: ModelVersion, *, state: State, share: float, by: User) -> None:
    version.state, version.share = state, share
    version.changed_at, version.changed_by = timezone.now(), by
    version.renews_from = FIRST if state == State.ACTIVE else None
    version.save()

"""A decision on what a model is for goes on record."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from backend.accounts.models import User
from backend.core.locks import lock
from backend.registry.models import ModelVersion
from backend.registry.selectors import forget_active_models, shown_models, versions
from functions.contract import Kind

State = ModelVersion.State
# No photo has an earlier id.
FIRST = UUID(int=0)


def hold_kind(kind: str) -> None:
    """Until the transaction ends, nobody else decides about models of the kind."""
    lock("rollout", kind)


@transaction.atomic
def decide(version: ModelVersion, *, state: State, share: float, by: User) -> None:
    """The model is for what the state says; one that was active in its place is a shadow now.

    Safe to run twice. Whether it may be so is asked by analysis.rolling_out, which holds the kind
    and brings the photos over to a model that has become active.
    """
    if (version.state, version.share) == (state, share):
        return
    shown = shown_models()[version.kind]
    (active,) = (
        each for each in versions() if (each.kind, each.state) == (version.kind, State.ACTIVE)
    )
    if state == State.ACTIVE:
        _write(active, state=State.SHADOW, share=1.0, by=by)
        version.replaces = shown if version.kind == Kind.FACES and shown != version.name else ""
    elif active.changed_at is None:
        # Another default, of a setting or a release, would change it behind everybody's back.
        active.changed_at, active.changed_by = timezone.now(), by
        active.save()
    _write(version, state=state, share=share, by=by)


def _write(version: ModelVersion, *, state: State, share: float, by: User) -> None:
    version.state, version.share = state, share
    version.changed_at, version.changed_by = timezone.now(), by
    is_active = state == State.ACTIVE
    version.renews_from = FIRST if is_active else None
    version.replaces = version.replaces if is_active else ""
    version.save()
    _forget()


def note_renewed(version: ModelVersion, upto: UUID | None) -> bool:
    """Photos up to this id have been brought over to the model; None: all.

    Once people have been, the model is shown, and the photos are gone through again. False if
    somebody has decided otherwise meanwhile; nothing is noted then.
    """
    mine = _as_read(version)
    if upto is None and version.replaces:
        noted = mine.update(replaces="", renews_from=FIRST)
        _forget()
        return bool(noted)
    return bool(mine.update(renews_from=upto))


def is_still(version: ModelVersion) -> bool:
    """Whether it is as it was read; it stays so until the transaction ends."""
    return _as_read(version).select_for_update().first() is not None


def _as_read(version: ModelVersion) -> QuerySet[ModelVersion]:
    return ModelVersion.objects.filter(
        name=version.name, renews_from=version.renews_from, replaces=version.replaces
    )


def _forget() -> None:
    """Other processes know ROLLOUT_SECONDS later."""
    forget_active_models()
    transaction.on_commit(forget_active_models)

"""The one authorisation policy: who may call which method of which route.

What they then see there is a selector's to say. A method that is not named here is closed to
everybody; a test fails for it, and another compares all of this with a table of answers
(backend/api/tests/answers.toml).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from backend.accounts.models import ApiKey, User
from backend.albums.models import Role
from backend.analysis.object_import import own_prefix
from backend.core.errors import RefusedError

if TYPE_CHECKING:  # rest_framework.views imports this module, by REST_FRAMEWORK's setting
    from rest_framework.views import APIView

Row = TypeVar("Row", bound=Model)
Scope = ApiKey.Scope


class Who(StrEnum):
    ANYONE = "anyone"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    # These prove themselves by a signature or a token of their own, which their views check.
    FUNCTIONS = "functions"
    STORAGE = "storage"
    WECHAT = "wechat"


PROVE_THEMSELVES = (Who.FUNCTIONS, Who.STORAGE, Who.WECHAT)


@dataclass(frozen=True)
class Rule:
    """Who may call, and what scope a key needs for it; without one no key may.

    role: what one must be in the album that the address names; see api.albums.asked_album.
    """

    who: Who
    scope: Scope | None = None
    role: Role | None = None

    def lets_in(self, request: Request) -> bool:
        if self.who in (Who.ANYONE, *PROVE_THEMSELVES):
            return True
        user, auth = request.user, request.auth
        if not (isinstance(user, User) and user.is_active):
            return False
        if self.who == Who.STAFF and not user.is_staff:
            return False
        return not isinstance(auth, ApiKey) or (
            self.scope is not None and self.scope in auth.scopes
        )


_ANYONE = Rule(Who.ANYONE)
_DEVICE = Rule(Who.SIGNED_IN)
_SEE = Rule(Who.SIGNED_IN, Scope.PHOTOS_READ)
_CHANGE = Rule(Who.SIGNED_IN, Scope.PHOTOS_WRITE)
_SEE_PEOPLE = Rule(Who.SIGNED_IN, Scope.PEOPLE_READ)
_STAFF = Rule(Who.STAFF, Scope.ADMIN)
_PREDICT = Rule(Who.SIGNED_IN, Scope.PREDICT)
_CHANGE_PEOPLE = Rule(Who.SIGNED_IN, Scope.PEOPLE_WRITE)


def _see_album(role: Role | None = None) -> Rule:
    return Rule(Who.SIGNED_IN, Scope.ALBUMS_READ, role)


def _change_album(role: Role | None = None) -> Rule:
    return Rule(Who.SIGNED_IN, Scope.ALBUMS_WRITE, role)


RULES: dict[str, dict[str, Rule]] = {
    "login": {"POST": _ANYONE},
    "wechat-login": {"POST": _ANYONE},
    "own-wechat": {"GET": _DEVICE, "PUT": _DEVICE, "DELETE": _DEVICE},
    "wechat-messages": {"GET": Rule(Who.WECHAT), "POST": Rule(Who.WECHAT)},
    "logout": {"POST": _DEVICE},
    "me": {"GET": _SEE, "PATCH": _DEVICE, "DELETE": _DEVICE},
    "devices": {"GET": _DEVICE},
    "device": {"DELETE": _DEVICE},
    "api-keys": {"GET": _DEVICE, "POST": _DEVICE},
    "api-key": {"DELETE": _DEVICE},
    "users": {"GET": _DEVICE, "POST": _STAFF},
    "photos": {"GET": _SEE, "POST": _CHANGE},
    "photos-bulk": {"POST": _CHANGE},
    "photo": {"GET": _SEE, "PATCH": _CHANGE, "DELETE": _CHANGE},
    "photo-complete": {"POST": _CHANGE},
    "photo-restore": {"POST": _CHANGE},
    "photo-rendition": {"GET": _SEE},
    "photo-tags": {"POST": _CHANGE, "DELETE": _CHANGE},
    "photo-label-verdict": {"POST": _CHANGE},
    "photo-reanalyze": {"POST": _CHANGE},
    "people": {"GET": _SEE_PEOPLE},
    "people-proposals": {"GET": _SEE_PEOPLE},
    "person": {"GET": _SEE_PEOPLE, "PATCH": _CHANGE_PEOPLE},
    "person-faces": {"GET": _SEE_PEOPLE},
    "person-merge": {"POST": _CHANGE_PEOPLE},
    "person-split": {"POST": _CHANGE_PEOPLE},
    "person-suggestions": {"GET": _SEE_PEOPLE},
    "person-decline": {"POST": _CHANGE_PEOPLE},
    "person-biometrics": {"DELETE": _CHANGE_PEOPLE},
    "own-biometrics": {"DELETE": _DEVICE},
    "face-assign": {"POST": _CHANGE_PEOPLE},
    "face-reject": {"POST": _CHANGE_PEOPLE},
    "merges": {"GET": _SEE_PEOPLE},
    "merge-undo": {"POST": _CHANGE_PEOPLE},
    "split-undo": {"POST": _CHANGE_PEOPLE},
    "waiting-faces": {"GET": _SEE_PEOPLE},
    "erasures": {"GET": _SEE_PEOPLE},
    "photo-similar": {"GET": _SEE},
    "duplicates": {"GET": _SEE},
    "duplicate": {"POST": _CHANGE},
    "albums": {"GET": _see_album(), "POST": _change_album()},
    "album": {
        "GET": _see_album(Role.VIEWER),
        "PATCH": _change_album(Role.MANAGER),
        "DELETE": _change_album(Role.OWNER),
    },
    "album-photos": {
        "GET": _see_album(Role.VIEWER),
        "POST": _change_album(Role.CONTRIBUTOR),
        "PATCH": _change_album(Role.MANAGER),
        # One's own; a manager's call takes out any.
        "DELETE": _change_album(Role.VIEWER),
    },
    "album-members": {"GET": _see_album(Role.VIEWER), "POST": _change_album(Role.MANAGER)},
    # Oneself; a manager's call removes others.
    "album-member": {"DELETE": _change_album(Role.VIEWER)},
    "album-links": {"GET": _see_album(Role.MANAGER), "POST": _change_album(Role.MANAGER)},
    "album-link": {"DELETE": _change_album(Role.MANAGER)},
    "album-invitations": {"GET": _see_album(Role.MANAGER), "POST": _change_album(Role.MANAGER)},
    "album-invitation": {"DELETE": _change_album(Role.MANAGER)},
    # Whoever has an invitation; its token is checked by api.invitations.
    "invitation": {"GET": _see_album()},
    "invitation-accept": {"POST": _change_album()},
    "invitation-qr": {"GET": _ANYONE},
    "photo-comments": {"GET": _see_album(Role.VIEWER), "POST": _change_album(Role.VIEWER)},
    # One's own; a manager's call deletes any.
    "album-comment": {"DELETE": _change_album(Role.VIEWER)},
    "photo-likes": {
        "GET": _see_album(Role.VIEWER),
        "POST": _change_album(Role.VIEWER),
        "DELETE": _change_album(Role.VIEWER),
    },
    "album-activity": {"GET": _see_album(Role.VIEWER)},
    "activity": {"GET": _see_album()},
    "friends": {"GET": _DEVICE, "POST": _DEVICE},
    "friend": {"DELETE": _DEVICE},
    "friend-accept": {"POST": _DEVICE},
    "blocks": {"GET": _DEVICE, "POST": _DEVICE},
    "block": {"DELETE": _DEVICE},
    # Whoever has a link; its token, password and limits are checked by api.shared.entered_link.
    "link": {"GET": _ANYONE},
    "link-unlock": {"POST": _ANYONE},
    "link-photos": {"GET": _ANYONE},
    "link-archive": {"GET": _ANYONE},
    # No key takes everything out, brings everything in or deletes everything.
    "own-deletion": {"GET": _DEVICE},
    "deletion": {"GET": _ANYONE},  # whoever has the receipt
    "exports": {"GET": _DEVICE, "POST": _DEVICE},
    "export": {"GET": _DEVICE, "DELETE": _DEVICE},
    "export-archive": {"GET": _DEVICE},
    "imports": {"GET": _DEVICE, "POST": _DEVICE},
    "import": {"GET": _DEVICE, "DELETE": _DEVICE},
    "import-complete": {"POST": _DEVICE},
    "timeline": {"GET": _SEE},
    "predict": {"POST": _PREDICT},
    # Starting one does to photos what photo-reanalyze does: a key needs photos:write as well.
    "batches": {"GET": _PREDICT, "POST": _PREDICT},
    "batches-estimate": {"POST": _PREDICT},
    "batch": {"GET": _PREDICT},
    "batch-cancel": {"POST": _PREDICT},
    "failures": {"GET": _SEE},
    "failures-retry": {"POST": _CHANGE},
    "usage": {"GET": _SEE},
    "costs": {"GET": _STAFF},
    "models": {"GET": _STAFF},
    "models-compare": {"GET": _STAFF},
    "model": {"GET": _STAFF},
    "model-rollout": {"POST": _STAFF},
    # Whose rows: visible_to; who decides: require_judge.
    "review": {"GET": _STAFF},
    "review-queue": {"GET": _STAFF},
    "review-item": {"POST": _STAFF},
    "metrics": {"GET": _STAFF},
    "events": {"GET": _SEE},
    "webhooks": {"GET": _DEVICE, "POST": _DEVICE},
    "webhook": {"DELETE": _DEVICE},
    "webhook-replay": {"POST": _DEVICE},
    "webhook-deliveries": {"GET": _DEVICE},
    "webhook-redeliver": {"POST": _DEVICE},
    "memories": {"GET": _SEE},
    "map": {"GET": _SEE},
    "search": {"GET": _SEE},
    "suggest": {"GET": _SEE},
    "ask": {"GET": _SEE},
    "claims": {"POST": Rule(Who.FUNCTIONS)},
    "results": {"POST": Rule(Who.FUNCTIONS)},
    "storage-events": {"POST": Rule(Who.STORAGE)},
}


def rule_of(request: Request) -> Rule | None:
    """None for what has no rule, which is then closed."""
    match = request.resolver_match
    rules = RULES.get(match.url_name or "", {}) if match else {}
    # A HEAD is a GET whose body is thrown away.
    return rules.get("GET" if request.method == "HEAD" else request.method or "")


def require_scope(request: Request, scope: Scope) -> None:
    """For what a call does besides what its rule is for. Raises RefusedError forbidden."""
    if not has_scope(request, scope):
        raise RefusedError("forbidden", status=403)


def visible_to(user: User | AnonymousUser, rows: QuerySet[Row], *, owner: str) -> QuerySet[Row]:
    """The rows that staff see as such: superusers everybody's, others what is their own.

    owner: the lookup that leads from a row to its owner. Who is no staff sees none this way.
    """
    if not (user.is_active and user.is_staff):
        return rows.none()
    return rows if user.is_superuser else rows.filter(**{owner: user})


def require_judge(user: User) -> None:
    """For who decides what others may see: superusers, or else staff would about their own.

    Raises RefusedError forbidden.
    """
    if not user.is_superuser:
        raise RefusedError("forbidden", status=403)


def may_use_prefix(user: User, prefix: str) -> bool:
    """Whether objects of the bucket whose keys begin so may become the user's photos.

    Everybody's own are below imports/<their id>/, and nobody else reads them, staff neither. Staff
    may use the folders of IMPORT_PREFIXES, too, which whoever runs the album has named.
    """
    # Some storages read keys as paths, where ".." leads elsewhere.
    if any(part in ("", ".", "..") for part in prefix.split("/")[:-1]) or "\x00" in prefix:
        return False
    if prefix.rsplit("/", maxsplit=1)[-1] in (".", ".."):
        return False
    own = [own_prefix(user), *(settings.IMPORT_PREFIXES if user.is_staff else [])]
    return any(prefix.startswith(each) for each in own)


def has_scope(request: Request, scope: Scope) -> bool:
    """Whether the caller is a person, or a key of this scope."""
    return not isinstance(request.auth, ApiKey) or scope in request.auth.scopes


class Policy(BasePermission):
    """Asked by every route (REST_FRAMEWORK's default permission)."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        rule = rule_of(request)
        if rule is None:
            # What the view lacks is answered by 405, and what it has is closed.
            return not hasattr(view, (request.method or "").lower())
        return rule.lets_in(request)

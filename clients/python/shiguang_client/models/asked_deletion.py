from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.asked_deletion_remaining import AskedDeletionRemaining
    from ..models.asked_deletion_removed import AskedDeletionRemoved


T = TypeVar("T", bound="AskedDeletion")


@_attrs_define
class AskedDeletion:
    """The record of a deletion. It holds nothing of what was deleted.

    Attributes:
        account_id (UUID):
        status (str): erasing; erased: nothing is left; confirmed: nothing came after that either, from uploads that
            were under way.
        asked_at (datetime.datetime):
        watched_until (datetime.datetime):
        removed (AskedDeletionRemoved): How many rows of each kind, and objects.
        remaining (AskedDeletionRemaining): What was found when every column that could name the user, and storage, were
            looked through afterwards.
        receipt (str): Shown once. GET /deletions/{receipt} tells how far it is, without signing in.
        erased_at (datetime.datetime | None | Unset):
        confirmed_at (datetime.datetime | None | Unset):
        photos_digest (str | Unset):
    """

    account_id: UUID
    status: str
    asked_at: datetime.datetime
    watched_until: datetime.datetime
    removed: AskedDeletionRemoved
    remaining: AskedDeletionRemaining
    receipt: str
    erased_at: datetime.datetime | None | Unset = UNSET
    confirmed_at: datetime.datetime | None | Unset = UNSET
    photos_digest: str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        account_id = str(self.account_id)

        status = self.status

        asked_at = self.asked_at.isoformat()

        watched_until = self.watched_until.isoformat()

        removed = self.removed.to_dict()

        remaining = self.remaining.to_dict()

        receipt = self.receipt

        erased_at: None | str | Unset
        if isinstance(self.erased_at, Unset):
            erased_at = UNSET
        elif isinstance(self.erased_at, datetime.datetime):
            erased_at = self.erased_at.isoformat()
        else:
            erased_at = self.erased_at

        confirmed_at: None | str | Unset
        if isinstance(self.confirmed_at, Unset):
            confirmed_at = UNSET
        elif isinstance(self.confirmed_at, datetime.datetime):
            confirmed_at = self.confirmed_at.isoformat()
        else:
            confirmed_at = self.confirmed_at

        photos_digest = self.photos_digest

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "account_id": account_id,
                "status": status,
                "asked_at": asked_at,
                "watched_until": watched_until,
                "removed": removed,
                "remaining": remaining,
                "receipt": receipt,
            }
        )
        if erased_at is not UNSET:
            field_dict["erased_at"] = erased_at
        if confirmed_at is not UNSET:
            field_dict["confirmed_at"] = confirmed_at
        if photos_digest is not UNSET:
            field_dict["photos_digest"] = photos_digest

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.asked_deletion_remaining import AskedDeletionRemaining
        from ..models.asked_deletion_removed import AskedDeletionRemoved

        d = dict(src_dict)
        account_id = UUID(d.pop("account_id"))

        status = d.pop("status")

        asked_at = datetime.datetime.fromisoformat(d.pop("asked_at"))

        watched_until = datetime.datetime.fromisoformat(d.pop("watched_until"))

        removed = AskedDeletionRemoved.from_dict(d.pop("removed"))

        remaining = AskedDeletionRemaining.from_dict(d.pop("remaining"))

        receipt = d.pop("receipt")

        def _parse_erased_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                erased_at_type_0 = datetime.datetime.fromisoformat(data)

                return erased_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        erased_at = _parse_erased_at(d.pop("erased_at", UNSET))

        def _parse_confirmed_at(data: object) -> datetime.datetime | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                confirmed_at_type_0 = datetime.datetime.fromisoformat(data)

                return confirmed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None | Unset, data)

        confirmed_at = _parse_confirmed_at(d.pop("confirmed_at", UNSET))

        photos_digest = d.pop("photos_digest", UNSET)

        asked_deletion = cls(
            account_id=account_id,
            status=status,
            asked_at=asked_at,
            watched_until=watched_until,
            removed=removed,
            remaining=remaining,
            receipt=receipt,
            erased_at=erased_at,
            confirmed_at=confirmed_at,
            photos_digest=photos_digest,
        )

        asked_deletion.additional_properties = d
        return asked_deletion

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.action_enum import ActionEnum, check_action_enum
from ..models.kind_enum import KindEnum, check_kind_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.bulk_request_filter import BulkRequestFilter


T = TypeVar("T", bound="BulkRequest")


@_attrs_define
class BulkRequest:
    """
    Attributes:
        action (ActionEnum): * `favorite` - favorite
            * `unfavorite` - unfavorite
            * `archive` - archive
            * `unarchive` - unarchive
            * `trash` - trash
            * `restore` - restore
            * `delete` - delete
            * `tag` - tag
            * `untag` - untag
            * `reanalyze` - reanalyze
        ids (list[UUID] | Unset):
        filter_ (BulkRequestFilter | Unset): What a list of photos takes in its query, and `q`.
        after (UUID | Unset): With a filter: `next` of the call before.
        name (str | Unset): For tag and untag.
        kinds (list[KindEnum] | Unset): For reanalyze.
    """

    action: ActionEnum
    ids: list[UUID] | Unset = UNSET
    filter_: BulkRequestFilter | Unset = UNSET
    after: UUID | Unset = UNSET
    name: str | Unset = UNSET
    kinds: list[KindEnum] | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        action: str = self.action

        ids: list[str] | Unset = UNSET
        if not isinstance(self.ids, Unset):
            ids = []
            for ids_item_data in self.ids:
                ids_item = str(ids_item_data)
                ids.append(ids_item)

        filter_: dict[str, Any] | Unset = UNSET
        if not isinstance(self.filter_, Unset):
            filter_ = self.filter_.to_dict()

        after: str | Unset = UNSET
        if not isinstance(self.after, Unset):
            after = str(self.after)

        name = self.name

        kinds: list[str] | Unset = UNSET
        if not isinstance(self.kinds, Unset):
            kinds = []
            for kinds_item_data in self.kinds:
                kinds_item: str = kinds_item_data
                kinds.append(kinds_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "action": action,
            }
        )
        if ids is not UNSET:
            field_dict["ids"] = ids
        if filter_ is not UNSET:
            field_dict["filter"] = filter_
        if after is not UNSET:
            field_dict["after"] = after
        if name is not UNSET:
            field_dict["name"] = name
        if kinds is not UNSET:
            field_dict["kinds"] = kinds

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.bulk_request_filter import BulkRequestFilter

        d = dict(src_dict)
        action = check_action_enum(d.pop("action"))

        _ids = d.pop("ids", UNSET)
        ids: list[UUID] | Unset = UNSET
        if _ids is not UNSET:
            ids = []
            for ids_item_data in _ids:
                ids_item = UUID(ids_item_data)

                ids.append(ids_item)

        _filter_ = d.pop("filter", UNSET)
        filter_: BulkRequestFilter | Unset
        if isinstance(_filter_, Unset):
            filter_ = UNSET
        else:
            filter_ = BulkRequestFilter.from_dict(_filter_)

        _after = d.pop("after", UNSET)
        after: UUID | Unset
        if isinstance(_after, Unset):
            after = UNSET
        else:
            after = UUID(_after)

        name = d.pop("name", UNSET)

        _kinds = d.pop("kinds", UNSET)
        kinds: list[KindEnum] | Unset = UNSET
        if _kinds is not UNSET:
            kinds = []
            for kinds_item_data in _kinds:
                kinds_item = check_kind_enum(kinds_item_data)

                kinds.append(kinds_item)

        bulk_request = cls(
            action=action,
            ids=ids,
            filter_=filter_,
            after=after,
            name=name,
            kinds=kinds,
        )

        bulk_request.additional_properties = d
        return bulk_request

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

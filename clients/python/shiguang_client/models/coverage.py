from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="Coverage")


@_attrs_define
class Coverage:
    """
    Attributes:
        photos (int): At which the model has looked that is shown.
        done (int):
        failed (int):
        waiting (int): Queued or running.
        missing (int): At which only others of its kind have looked: none, for it to become active.
    """

    photos: int
    done: int
    failed: int
    waiting: int
    missing: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        photos = self.photos

        done = self.done

        failed = self.failed

        waiting = self.waiting

        missing = self.missing

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "photos": photos,
                "done": done,
                "failed": failed,
                "waiting": waiting,
                "missing": missing,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        d = dict(src_dict)
        photos = d.pop("photos")

        done = d.pop("done")

        failed = d.pop("failed")

        waiting = d.pop("waiting")

        missing = d.pop("missing")

        coverage = cls(
            photos=photos,
            done=done,
            failed=failed,
            waiting=waiting,
            missing=missing,
        )

        coverage.additional_properties = d
        return coverage

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.review_queue_enum import ReviewQueueEnum, check_review_queue_enum

if TYPE_CHECKING:
    from ..models.opinion import Opinion
    from ..models.person_of_album import PersonOfAlbum
    from ..models.review_decision import ReviewDecision
    from ..models.review_photo import ReviewPhoto


T = TypeVar("T", bound="ReviewItem")


@_attrs_define
class ReviewItem:
    """
    Attributes:
        id (UUID):
        queue (ReviewQueueEnum): * `moderation` - moderation
            * `wechat_photos` - wechat_photos
            * `wechat_texts` - wechat_texts
        since (datetime.datetime): When the photo or text came.
        owner (PersonOfAlbum):
        photo (None | ReviewPhoto):
        text (None | str):
        opinion (Opinion): What the network, or WeChat, says, whatever a person has decided.
        decided (None | ReviewDecision):
    """

    id: UUID
    queue: ReviewQueueEnum
    since: datetime.datetime
    owner: PersonOfAlbum
    photo: None | ReviewPhoto
    text: None | str
    opinion: Opinion
    decided: None | ReviewDecision
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.review_decision import ReviewDecision
        from ..models.review_photo import ReviewPhoto

        id = str(self.id)

        queue: str = self.queue

        since = self.since.isoformat()

        owner = self.owner.to_dict()

        photo: dict[str, Any] | None
        if isinstance(self.photo, ReviewPhoto):
            photo = self.photo.to_dict()
        else:
            photo = self.photo

        text: None | str
        text = self.text

        opinion = self.opinion.to_dict()

        decided: dict[str, Any] | None
        if isinstance(self.decided, ReviewDecision):
            decided = self.decided.to_dict()
        else:
            decided = self.decided

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "queue": queue,
                "since": since,
                "owner": owner,
                "photo": photo,
                "text": text,
                "opinion": opinion,
                "decided": decided,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.opinion import Opinion
        from ..models.person_of_album import PersonOfAlbum
        from ..models.review_decision import ReviewDecision
        from ..models.review_photo import ReviewPhoto

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        queue = check_review_queue_enum(d.pop("queue"))

        since = datetime.datetime.fromisoformat(d.pop("since"))

        owner = PersonOfAlbum.from_dict(d.pop("owner"))

        def _parse_photo(data: object) -> None | ReviewPhoto:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                photo_type_0 = ReviewPhoto.from_dict(data)

                return photo_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReviewPhoto, data)

        photo = _parse_photo(d.pop("photo"))

        def _parse_text(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        text = _parse_text(d.pop("text"))

        opinion = Opinion.from_dict(d.pop("opinion"))

        def _parse_decided(data: object) -> None | ReviewDecision:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                decided_type_0 = ReviewDecision.from_dict(data)

                return decided_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReviewDecision, data)

        decided = _parse_decided(d.pop("decided"))

        review_item = cls(
            id=id,
            queue=queue,
            since=since,
            owner=owner,
            photo=photo,
            text=text,
            opinion=opinion,
            decided=decided,
        )

        review_item.additional_properties = d
        return review_item

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

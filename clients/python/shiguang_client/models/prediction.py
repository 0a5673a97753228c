from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.prediction_kind_enum import PredictionKindEnum, check_prediction_kind_enum
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.predicted_face import PredictedFace
    from ..models.predicted_label import PredictedLabel
    from ..models.predicted_moderation import PredictedModeration
    from ..models.predicted_text import PredictedText


T = TypeVar("T", bound="Prediction")


@_attrs_define
class Prediction:
    """What was found is under the name of its kind; the other three are not there.

    Attributes:
        kind (PredictionKindEnum): * `faces` - faces
            * `labels` - labels
            * `text` - text
            * `moderation` - moderation
        model (str):
        weights_sha256 (str):
        duration_ms (float): By the clock, without the way there.
        cpu_ms (float):
        cost (float): Dollars, at the price in the settings.
        faces (list[PredictedFace] | Unset):
        labels (list[PredictedLabel] | Unset):
        text (PredictedText | Unset):
        moderation (PredictedModeration | Unset):
    """

    kind: PredictionKindEnum
    model: str
    weights_sha256: str
    duration_ms: float
    cpu_ms: float
    cost: float
    faces: list[PredictedFace] | Unset = UNSET
    labels: list[PredictedLabel] | Unset = UNSET
    text: PredictedText | Unset = UNSET
    moderation: PredictedModeration | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        kind: str = self.kind

        model = self.model

        weights_sha256 = self.weights_sha256

        duration_ms = self.duration_ms

        cpu_ms = self.cpu_ms

        cost = self.cost

        faces: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.faces, Unset):
            faces = []
            for faces_item_data in self.faces:
                faces_item = faces_item_data.to_dict()
                faces.append(faces_item)

        labels: list[dict[str, Any]] | Unset = UNSET
        if not isinstance(self.labels, Unset):
            labels = []
            for labels_item_data in self.labels:
                labels_item = labels_item_data.to_dict()
                labels.append(labels_item)

        text: dict[str, Any] | Unset = UNSET
        if not isinstance(self.text, Unset):
            text = self.text.to_dict()

        moderation: dict[str, Any] | Unset = UNSET
        if not isinstance(self.moderation, Unset):
            moderation = self.moderation.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "kind": kind,
                "model": model,
                "weights_sha256": weights_sha256,
                "duration_ms": duration_ms,
                "cpu_ms": cpu_ms,
                "cost": cost,
            }
        )
        if faces is not UNSET:
            field_dict["faces"] = faces
        if labels is not UNSET:
            field_dict["labels"] = labels
        if text is not UNSET:
            field_dict["text"] = text
        if moderation is not UNSET:
            field_dict["moderation"] = moderation

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.predicted_face import PredictedFace
        from ..models.predicted_label import PredictedLabel
        from ..models.predicted_moderation import PredictedModeration
        from ..models.predicted_text import PredictedText

        d = dict(src_dict)
        kind = check_prediction_kind_enum(d.pop("kind"))

        model = d.pop("model")

        weights_sha256 = d.pop("weights_sha256")

        duration_ms = d.pop("duration_ms")

        cpu_ms = d.pop("cpu_ms")

        cost = d.pop("cost")

        _faces = d.pop("faces", UNSET)
        faces: list[PredictedFace] | Unset = UNSET
        if _faces is not UNSET:
            faces = []
            for faces_item_data in _faces:
                faces_item = PredictedFace.from_dict(faces_item_data)

                faces.append(faces_item)

        _labels = d.pop("labels", UNSET)
        labels: list[PredictedLabel] | Unset = UNSET
        if _labels is not UNSET:
            labels = []
            for labels_item_data in _labels:
                labels_item = PredictedLabel.from_dict(labels_item_data)

                labels.append(labels_item)

        _text = d.pop("text", UNSET)
        text: PredictedText | Unset
        if isinstance(_text, Unset):
            text = UNSET
        else:
            text = PredictedText.from_dict(_text)

        _moderation = d.pop("moderation", UNSET)
        moderation: PredictedModeration | Unset
        if isinstance(_moderation, Unset):
            moderation = UNSET
        else:
            moderation = PredictedModeration.from_dict(_moderation)

        prediction = cls(
            kind=kind,
            model=model,
            weights_sha256=weights_sha256,
            duration_ms=duration_ms,
            cpu_ms=cpu_ms,
            cost=cost,
            faces=faces,
            labels=labels,
            text=text,
            moderation=moderation,
        )

        prediction.additional_properties = d
        return prediction

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

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.batch_state_enum import BatchStateEnum, check_batch_state_enum
from ..models.kind_enum import KindEnum, check_kind_enum

if TYPE_CHECKING:
    from ..models.batch_failure import BatchFailure


T = TypeVar("T", bound="BatchDetails")


@_attrs_define
class BatchDetails:
    """total = waiting + running + done + failed + cancelled, in analyses.

    Attributes:
        id (UUID):
        state (BatchStateEnum): * `running` - running
            * `done` - done
            * `cancelled` - cancelled
            * `stopped_by_budget` - stopped_by_budget
        kinds (list[KindEnum]):
        prefix (str):
        total (int):
        waiting (int):
        running (int): Told to a worker, and not ended yet.
        done (int):
        failed (int):
        cancelled (int):
        budget (float | None):
        cost (float): Dollars so far.
        estimated_cost (float | None): Dollars in the end, if the rest takes what such analyses mostly took lately; null
            if there were none.
        eta (datetime.datetime | None): An estimate, too.
        created_at (datetime.datetime):
        ended_at (datetime.datetime | None):
        failures (list[BatchFailure]): The first hundred.
    """

    id: UUID
    state: BatchStateEnum
    kinds: list[KindEnum]
    prefix: str
    total: int
    waiting: int
    running: int
    done: int
    failed: int
    cancelled: int
    budget: float | None
    cost: float
    estimated_cost: float | None
    eta: datetime.datetime | None
    created_at: datetime.datetime
    ended_at: datetime.datetime | None
    failures: list[BatchFailure]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        state: str = self.state

        kinds = []
        for kinds_item_data in self.kinds:
            kinds_item: str = kinds_item_data
            kinds.append(kinds_item)

        prefix = self.prefix

        total = self.total

        waiting = self.waiting

        running = self.running

        done = self.done

        failed = self.failed

        cancelled = self.cancelled

        budget: float | None
        budget = self.budget

        cost = self.cost

        estimated_cost: float | None
        estimated_cost = self.estimated_cost

        eta: None | str
        if isinstance(self.eta, datetime.datetime):
            eta = self.eta.isoformat()
        else:
            eta = self.eta

        created_at = self.created_at.isoformat()

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        failures = []
        for failures_item_data in self.failures:
            failures_item = failures_item_data.to_dict()
            failures.append(failures_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "state": state,
                "kinds": kinds,
                "prefix": prefix,
                "total": total,
                "waiting": waiting,
                "running": running,
                "done": done,
                "failed": failed,
                "cancelled": cancelled,
                "budget": budget,
                "cost": cost,
                "estimated_cost": estimated_cost,
                "eta": eta,
                "created_at": created_at,
                "ended_at": ended_at,
                "failures": failures,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls, src_dict: Mapping[str, Any]) -> Self:
        from ..models.batch_failure import BatchFailure

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        state = check_batch_state_enum(d.pop("state"))

        kinds = []
        _kinds = d.pop("kinds")
        for kinds_item_data in _kinds:
            kinds_item = check_kind_enum(kinds_item_data)

            kinds.append(kinds_item)

        prefix = d.pop("prefix")

        total = d.pop("total")

        waiting = d.pop("waiting")

        running = d.pop("running")

        done = d.pop("done")

        failed = d.pop("failed")

        cancelled = d.pop("cancelled")

        def _parse_budget(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        budget = _parse_budget(d.pop("budget"))

        cost = d.pop("cost")

        def _parse_estimated_cost(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        estimated_cost = _parse_estimated_cost(d.pop("estimated_cost"))

        def _parse_eta(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                eta_type_0 = datetime.datetime.fromisoformat(data)

                return eta_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        eta = _parse_eta(d.pop("eta"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        failures = []
        _failures = d.pop("failures")
        for failures_item_data in _failures:
            failures_item = BatchFailure.from_dict(failures_item_data)

            failures.append(failures_item)

        batch_details = cls(
            id=id,
            state=state,
            kinds=kinds,
            prefix=prefix,
            total=total,
            waiting=waiting,
            running=running,
            done=done,
            failed=failed,
            cancelled=cancelled,
            budget=budget,
            cost=cost,
            estimated_cost=estimated_cost,
            eta=eta,
            created_at=created_at,
            ended_at=ended_at,
            failures=failures,
        )

        batch_details.additional_properties = d
        return batch_details

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

"""Models over time, over the API."""

import pytest

from backend.accounts.models import User
from backend.analysis.rolling_out import follow_rollouts
from backend.analysis.services import record_result
from backend.conftest import PASSWORD, ApiClient, face, faces, make_photo, make_result
from backend.registry.selectors import active_model
from functions.contract import Kind

OLD, NEW = "yunet-sface-1", "face-recognition-1"


@pytest.fixture
def staff(db: None) -> ApiClient:
    return ApiClient(User.objects.create_user("root", password=PASSWORD, is_staff=True))


def test_every_model_says_what_it_is_for(staff: ApiClient) -> None:
    models = {model["id"]: model for model in staff("GET", "/models").json()["results"]}
    assert models[OLD] == {
        "id": OLD,
        "kind": "faces",
        "state": "active",
        "share": 1.0,
        "changed_at": None,
        "changed_by": None,
    }
    assert (models[NEW]["state"], models[NEW]["share"]) == ("candidate", 0.0)
    assert staff("GET", "/models/no-such-model").status_code == 404


def test_a_model_is_tried_in_the_shadow_and_promoted(staff: ApiClient, user: User) -> None:
    photo = make_photo(user)
    record_result(make_result(photo, faces(face())))
    address = f"/models/{NEW}/rollout"
    early = staff("POST", address, {"state": "active"})
    assert (early.status_code, early.json()["code"]) == (409, "model_not_everywhere")
    assert "1 to go" in early.json()["detail"]
    shadow = staff("POST", address, {"state": "shadow"}).json()
    assert (shadow["state"], shadow["share"], shadow["changed_by"]) == ("shadow", 1.0, "root")
    assert shadow["coverage"] == {
        **{"photos": 1, "done": 0, "failed": 0, "waiting": 0, "missing": 1},
    }
    follow_rollouts()
    assert staff("GET", f"/models/{NEW}").json()["coverage"]["waiting"] == 1
    record_result(make_result(photo, faces(), model=NEW))
    compared = staff("GET", f"/models/compare?a={OLD}&b={NEW}").json()
    assert (compared["photos"], compared["agreement"]) == (1, 0)
    assert (compared["a"]["findings"], compared["b"]["findings"]) == (1, 0)
    active = staff("POST", address, {"state": "active"}).json()
    assert (active["state"], active["renewing"]) == ("active", True)
    assert staff("GET", f"/models/{OLD}").json()["state"] == "shadow"
    follow_rollouts()
    assert active_model(Kind.FACES) == NEW
    assert not staff("GET", f"/models/{NEW}").json()["renewing"]


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "state", "required"),
        ({"state": "loved"}, "state", "invalid_choice"),
        ({"state": "shadow", "share": 1.5}, "share", "max_value"),
        ({"state": "shadow", "share": "nan"}, "share", "invalid"),
        ({"state": "active", "share": 0.5}, "share", "invalid"),
        ({"state": "retired", "share": 0.5}, "share", "invalid"),
    ],
)
def test_what_no_model_can_be_for_is_refused(
    staff: ApiClient, body: dict[str, object], field: str, code: str
) -> None:
    answer = staff("POST", f"/models/{NEW}/rollout", body)
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_refusals_are_told_in_chinese_too(staff: ApiClient) -> None:
    answer = staff(
        "POST", f"/models/{OLD}/rollout", {"state": "retired"}, **{"Accept-Language": "zh-CN"}
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "only_active_model")
    assert "启用" in answer.json()["detail"]


def test_models_of_two_kinds_are_not_compared(staff: ApiClient) -> None:
    answer = staff("GET", f"/models/compare?a={OLD}&b=opennsfw-1")
    assert [error["field"] for error in answer.json()["errors"]] == ["b"]
    answer = staff("GET", f"/models/compare?a={OLD}").json()
    assert [(error["field"], error["code"]) for error in answer["errors"]] == [("b", "required")]


def test_what_a_shadow_says_is_not_the_owners_to_read(
    staff: ApiClient, api: ApiClient, user: User
) -> None:
    photo = make_photo(user)
    record_result(make_result(photo, faces(face())))
    staff("POST", f"/models/{NEW}/rollout", {"state": "shadow"})
    follow_rollouts()
    record_result(make_result(photo, faces(face(5)), model=NEW))
    found = api("GET", f"/photos/{photo.id}").json()
    assert [analysis["model"] for analysis in found["analyses"]] == [OLD]
    assert len(found["faces"]) == 1

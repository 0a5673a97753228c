"""/batches, /failures, /usage, /costs and /metrics, as a client sees them."""

import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.utils import timezone

from backend.accounts.api_keys import make_api_key
from backend.accounts.models import User
from backend.albums.members import set_role
from backend.albums.models import Role
from backend.albums.services import add_photos, create_album
from backend.analysis.feeding import feed_batch
from backend.analysis.models import Analysis, Batch
from backend.analysis.services import (
    claim_analyses,
    cost_of,
    own_prefix,
    record_result,
    start_analysis,
)
from backend.api import failures
from backend.conftest import (
    PASSWORD,
    ApiClient,
    inspection,
    labels,
    make_photo,
    make_result,
    make_run,
)
from backend.core import storage
from backend.photos.models import Photo
from backend.photos.services import add_tag
from functions.contract import MODELS, Failure, Kind


def looked_at(owner: User, *, tag: str = "", fails: tuple[str, ...] = ()) -> Photo:
    """A photo whose analyses have all ended; those of some kinds have failed for good."""
    photo = make_photo(owner)
    start_analysis(photo)
    Analysis.objects.filter(photo=photo).exclude(kind__in=["inspection", "labels"]).delete()
    if tag:
        add_tag(photo, tag)
    work(photo, fails=fails)
    return photo


def work(photo: Photo, *, fails: tuple[str, ...] = ()) -> list[str]:
    """What a worker does. Returns the kinds that it was given."""
    claim = claim_analyses(photo.id)
    kinds = list(claim.models) if claim else []
    for kind in kinds:
        assert claim is not None
        run = make_run(claim.request_id, started_at=timezone.now().isoformat())
        found = inspection() if kind == Kind.INSPECTION else labels(("cat", "猫"))
        broken = Failure(stage="detect", code="internal_error", detail="It broke.", permanent=True)
        answer = broken if kind in fails else found
        record_result(make_result(photo, answer, kind=Kind(kind), run=run))
    return kinds


def start(api: ApiClient, **given: Any) -> Any:
    return api("POST", "/batches", {"kinds": ["labels"], **given})


def test_a_batch_over_a_filter_tells_how_far_it_is(api: ApiClient, user: User) -> None:
    photos = [looked_at(user, tag="summer") for _ in range(2)]
    looked_at(user)
    answer = start(api, filter={"tag": "summer"})
    assert answer.status_code == 202
    batch = answer.json()
    told = {name: batch[name] for name in ("total", "state", "done", "failed", "cost", "eta")}
    assert told == {
        **{"total": 2, "state": "running", "done": 0, "failed": 0, "cost": 0, "eta": None}
    }
    assert batch["estimated_cost"] == pytest.approx(cost_of(2 * 11.0))
    feed_batch(batch["id"])
    assert work(photos[0]) == ["labels"]
    assert work(photos[1], fails=("labels",)) == ["labels"]
    batch = api("GET", f"/batches/{batch['id']}").json()
    assert (batch["state"], batch["done"], batch["failed"]) == ("done", 1, 1)
    assert batch["cost"] == pytest.approx(cost_of(2 * 11.0))
    assert [(each["photo"], each["code"]) for each in batch["failures"]] == [
        (str(photos[1].id), "internal_error")
    ]
    (listed,) = api("GET", "/batches").json()["results"]
    assert listed == {name: batch[name] for name in listed}


def test_what_it_would_cost_can_be_asked_first(api: ApiClient, user: User) -> None:
    for _ in range(3):
        looked_at(user)
    given = {"filter": {}, "kinds": ["labels", "inspection"]}
    answer = api("POST", "/batches/estimate", given).json()
    assert answer == {"total": 6, "estimated_cost": pytest.approx(cost_of(6 * 11.0))}
    assert not Batch.objects.exists()
    unknown = api("POST", "/batches/estimate", {"filter": {}, "kinds": ["text"]}).json()
    assert unknown == {"total": 3, "estimated_cost": None}


def test_a_batch_is_cancelled(api: ApiClient, user: User) -> None:
    photos = [looked_at(user) for _ in range(2)]
    batch = start(api, filter={}).json()
    answer = api("POST", f"/batches/{batch['id']}/cancel")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert answer.json()["cancelled"] == 2
    feed_batch(batch["id"])
    assert [work(photo) for photo in photos] == [[], []]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({}, "filter"),
        ({"filter": {}, "prefix": "x"}, "filter"),
        ({"filter": {}, "kinds": []}, "kinds"),
        ({"filter": {}, "kinds": ["smell"]}, "kinds.0"),
        ({"filter": {}, "budget": 0}, "budget"),
        ({"filter": {}, "budget": -1}, "budget"),
        ({"filter": {}, "budget": "nan"}, "budget"),
        ({"filter": {}, "budget": "inf"}, "budget"),
        ({"filter": {"status": "odd"}}, "status"),
        ({"filter": {"tag": {}}}, "filter.tag"),
        ({"filter": []}, "filter"),
    ],
)
def test_what_makes_no_sense_is_told(api: ApiClient, given: dict[str, Any], field: str) -> None:
    answer = start(api, **given)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_a_model_is_of_one_kind(api: ApiClient, user: User) -> None:
    looked_at(user)
    other = MODELS[Kind.FACES][1]
    answer = start(api, filter={}, kinds=["faces", "labels"], model=other)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_model")
    assert start(api, filter={}, kinds=["faces"], model=other).status_code == 202


def test_no_faces_are_looked_for_where_that_is_switched_off(api: ApiClient, user: User) -> None:
    looked_at(user)
    User.objects.filter(id=user.id).update(face_analysis=False)
    answer = start(api, filter={}, kinds=["faces"])
    assert (answer.status_code, answer.json()["code"]) == (409, "face_analysis_off")


def test_others_photos_in_an_album_are_in_no_batch_of_ones_own(
    api: ApiClient, user: User, stranger: User
) -> None:
    theirs, own = looked_at(stranger), looked_at(user)
    Photo.objects.filter(id=theirs.id).update(moderation_verdict="ok")
    album = create_album(stranger, {"title": "Ours"})
    add_photos(album, stranger, [theirs.id])
    set_role(album, user, Role.CONTRIBUTOR, giver=stranger)
    add_photos(album, user, [own.id])
    batch = start(api, filter={"album": str(album.id)}).json()
    assert batch["total"] == 1
    assert Batch.objects.get().items.get().photo == own


def test_the_same_idempotency_key_starts_one_batch(api: ApiClient, user: User) -> None:
    looked_at(user)
    first, second = (
        api("POST", "/batches", {"filter": {}, "kinds": ["labels"]}, **{"Idempotency-Key": "b1"})
        for _ in range(2)
    )
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert Batch.objects.count() == 1


# --- prefixes ---------------------------------------------------------------------------------


def put(key: str) -> str:
    storage._client().put_object(
        Bucket=django_settings.S3_BUCKET, Key=key, Body=b"\xff\xd8\xff" + key.encode()
    )
    return key


def test_objects_of_ones_own_folder_are_taken(api: ApiClient, user: User) -> None:
    key = put(f"{own_prefix(user)}beach.jpg")
    try:
        batch = start(api, prefix=own_prefix(user)).json()
        assert (batch["total"], batch["prefix"]) == (1, own_prefix(user))
        feed_batch(batch["id"])
        (photo,) = api("GET", "/photos").json()["results"]
        assert photo["filename"] == "beach.jpg"
    finally:
        storage.delete_objects([key])


def test_nobody_reads_a_folder_that_is_not_theirs(
    user: User, stranger: User, settings: Any
) -> None:
    settings.IMPORT_PREFIXES = ["scans/"]
    own = own_prefix(user)
    staff = User.objects.create_user("clerk", password="a good long pass phrase", is_staff=True)
    keys = [put(f"{own}a.jpg"), put("scans/a.jpg"), put("originals-of-old/a.jpg")]
    theirs = own_prefix(stranger)
    lies = [
        "",
        "/",
        "imports/",
        own[:-1],
        "originals/",
        "renditions/",
        "scans/",
        "originals-of-old/",
    ]
    lies += [f"{theirs}../{user.id}/", f"{theirs}./../{user.id}/", f"{theirs}/../{user.id}/", own]
    lies += [f"{theirs}..", f"{theirs}\x00"]
    try:
        for prefix in lies:
            answer = start(ApiClient(stranger), prefix=prefix)
            assert answer.status_code == 400, prefix
            assert answer.json()["errors"][0]["field"] == "prefix"
        # Staff: what the album's operator has named, and nobody's own folder.
        clerk = ApiClient(staff)
        assert start(clerk, prefix="scans/").status_code == 202
        assert start(clerk, prefix=own).status_code == 400
        assert start(clerk, prefix="originals-of-old/").status_code == 400
        assert start(clerk, prefix="scans/../originals/").status_code == 400
    finally:
        storage.delete_objects(keys)
    assert not Photo.objects.filter(owner=stranger).exists()


def test_a_key_needs_to_write_photos_too(user: User) -> None:
    looked_at(user)

    def ask(*scopes: str) -> int:
        secret, _ = make_api_key(user=user, name="script", scopes=list(scopes))
        client = ApiClient(None)
        client.headers["Authorization"] = f"Bearer {secret}"
        return int(start(client, filter={}).status_code)

    assert ask("predict") == 403
    assert ask("photos:write") == 403
    assert ask("predict", "photos:write") == 202


# --- the failed inbox -------------------------------------------------------------------------


def test_every_failed_analysis_is_in_the_inbox_with_its_reason(api: ApiClient, user: User) -> None:
    photo = looked_at(user, fails=("labels",))
    looked_at(user)
    (failure,) = api("GET", "/failures").json()["results"]
    assert failure.pop("failed_at") is not None
    assert failure.pop("started_at") is not None
    assert failure == {
        "id": str(photo.analyses.get(kind="labels").id),
        "photo": {"id": str(photo.id), "filename": photo.filename},
        "kind": "labels",
        "model": MODELS[Kind.LABELS][0],
        "stage": "detect",
        "code": "internal_error",
        "detail": "It broke.",
        "technical": "It broke.",
        "attempts": 1,
    }


def test_why_an_analysis_failed_is_told_in_the_readers_language(api: ApiClient, user: User) -> None:
    photo = looked_at(user, fails=("labels",))
    chinese = {"Accept-Language": "zh-CN"}
    (failure,) = api("GET", "/failures", **chinese).json()["results"]
    assert (failure["detail"], failure["technical"]) == ("分析时出现错误。", "It broke.")
    analyses = api("GET", f"/photos/{photo.id}", **chinese).json()["analyses"]
    assert [each["error"]["detail"] for each in analyses if each["error"]] == [failure["detail"]]
    # What no function of ours has said is handed on as it is.
    photo.analyses.filter(kind="labels").update(code="too_odd")
    (failure,) = api("GET", "/failures", **chinese).json()["results"]
    assert failure["detail"] == "It broke."


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("", 3),
        ("?kind=labels", 2),
        ("?kind=inspection", 1),
        ("?code=internal_error", 3),
        ("?code=other", 0),
        ("?stage=detect&kind=labels", 2),
        ("?model=pillow-1", 1),
        ("?page_size=1", 1),
    ],
)
def test_the_inbox_is_narrowed(api: ApiClient, user: User, query: str, count: int) -> None:
    looked_at(user, fails=("labels",))
    looked_at(user, fails=("labels", "inspection"))
    assert len(api("GET", f"/failures{query}").json()["results"]) == count


def test_the_inbox_of_one_photo(api: ApiClient, user: User) -> None:
    photo = looked_at(user, fails=("labels",))
    looked_at(user, fails=("labels",))
    results = api("GET", f"/failures?photo={photo.id}").json()["results"]
    assert [each["photo"]["id"] for each in results] == [str(photo.id)]
    assert api("GET", "/failures?photo=x").status_code == 400


def test_failures_are_tried_again_by_their_ids(api: ApiClient, user: User) -> None:
    photo = looked_at(user, fails=("labels",))
    failed = photo.analyses.get(kind="labels")
    answer = api("POST", "/failures/retry", {"ids": [str(failed.id)]})
    assert answer.json() == {"retried": 1, "refused": [], "next": None}
    assert work(photo) == ["labels"]
    assert api("GET", "/failures").json()["results"] == []
    # Once more, and there is nothing to try again.
    again = api("POST", "/failures/retry", {"ids": [str(failed.id)]}).json()
    assert again["refused"] == [{"id": str(failed.id), "code": "not_found"}]


def test_what_failed_for_its_inspection_is_tried_again_with_it(api: ApiClient, user: User) -> None:
    photo = looked_at(user, fails=("labels", "inspection"))
    failed = photo.analyses.get(kind="labels")
    assert api("POST", "/failures/retry", {"ids": [str(failed.id)]}).json()["retried"] == 1
    assert set(work(photo)) == {"inspection", "labels"}
    photo.refresh_from_db()
    assert photo.status == Photo.Status.READY


def test_failures_are_tried_again_by_a_filter_in_calls_of_bounded_size(
    api: ApiClient, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(failures, "MAX_FAILURES", 2)
    photos = [looked_at(user, fails=("labels",)) for _ in range(3)]
    given: dict[str, Any] = {"filter": {"kind": "labels"}}
    first = api("POST", "/failures/retry", given).json()
    assert (first["retried"], first["next"] is not None) == (2, True)
    second = api("POST", "/failures/retry", given | {"after": first["next"]}).json()
    assert second == {"retried": 1, "refused": [], "next": None}
    assert [work(photo) for photo in photos] == [["labels"]] * 3


def test_nobody_sees_or_tries_failures_of_others(
    api: ApiClient, user: User, stranger: User
) -> None:
    photo = looked_at(user, fails=("labels",))
    failed, mallory = photo.analyses.get(kind="labels"), ApiClient(stranger)
    assert mallory("GET", "/failures").json()["results"] == []
    assert mallory("GET", f"/failures?photo={photo.id}").json()["results"] == []
    by_id = mallory("POST", "/failures/retry", {"ids": [str(failed.id)]}).json()
    assert by_id == {
        "retried": 0,
        "refused": [{"id": str(failed.id), "code": "not_found"}],
        "next": None,
    }
    by_filter = mallory("POST", "/failures/retry", {"filter": {"photo": str(photo.id)}}).json()
    assert by_filter["retried"] == 0
    assert work(photo) == []


def test_either_ids_or_a_filter(api: ApiClient) -> None:
    given: dict[str, Any]
    for given in ({}, {"ids": [], "filter": {}}):
        answer = api("POST", "/failures/retry", given)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "ids")


# --- usage ------------------------------------------------------------------------------------


def test_usage_tells_photos_and_what_their_analyses_took(api: ApiClient, user: User) -> None:
    photo = looked_at(user)
    Photo.objects.filter(id=photo.id).update(uploaded_at=timezone.now())
    usage = api("GET", "/usage").json()
    assert usage["month"] == f"{timezone.now():%Y-%m}"
    assert (usage["photos"], usage["bytes"], usage["analyses"]) == (1, photo.size, 2)
    assert usage["compute_seconds"] == pytest.approx(0.022)
    assert usage["cost"] == pytest.approx(0.022 * usage["price"])
    assert [(each["kind"], each["model"], each["analyses"]) for each in usage["by_model"]] == [
        ("inspection", "pillow-1", 1),
        ("labels", MODELS[Kind.LABELS][0], 1),
    ]
    assert sum(each["cost"] for each in usage["by_model"]) == pytest.approx(usage["cost"])


def test_usage_of_another_month_and_of_somebody_else_is_another(
    api: ApiClient, user: User, stranger: User
) -> None:
    looked_at(stranger)
    assert api("GET", "/usage").json()["analyses"] == 0
    empty = api("GET", "/usage?month=2020-12").json()
    assert (empty["month"], empty["photos"], empty["bytes"], empty["cost"]) == ("2020-12", 0, 0, 0)


def test_staff_see_what_everybody_costs_together(user: User, stranger: User) -> None:
    for owner in (user, stranger):
        photo = looked_at(owner)
        Photo.objects.filter(id=photo.id).update(uploaded_at=timezone.now())
    clerk = ApiClient(User.objects.create_user("clerk", password=PASSWORD, is_staff=True))
    costs, own = clerk("GET", "/costs").json(), ApiClient(user)("GET", "/usage").json()
    for name in ("photos", "bytes", "analyses"):
        assert costs[name] == 2 * own[name] > 0
    assert costs["cost"] == pytest.approx(2 * own["cost"])
    assert [(each["kind"], each["analyses"]) for each in costs["by_model"]] == [
        ("inspection", 2),
        ("labels", 2),
    ]
    assert clerk("GET", "/costs?month=2020-12").json()["analyses"] == 0
    assert "alice" not in str(costs)


def test_what_is_watched_is_counted(api: ApiClient, user: User, photo: Photo) -> None:
    looked_at(user)
    start_analysis(photo)
    clerk = User.objects.create_user("clerk", password=PASSWORD, is_staff=True)
    answer = ApiClient(clerk)._client.get("/metrics", headers=ApiClient(clerk).headers)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = answer.content.decode()
    samples = dict(
        line.rsplit(" ", maxsplit=1) for line in text.splitlines() if not line.startswith("#")
    )
    assert samples["shiguang_users"] == "2"
    assert samples["shiguang_stored_bytes"] == "2000"
    assert samples['shiguang_analyses{state="queued"}'] == "5"
    assert samples['shiguang_analyses{state="failed"}'] == "0"
    assert samples['shiguang_analyses_total{kind="inspection",model="pillow-1"}'] == "1"
    assert float(
        samples['shiguang_compute_seconds_total{kind="inspection",model="pillow-1"}']
    ) == pytest.approx(0.011)
    # Each is described once, before its samples.
    described = re.findall(r"^# TYPE (\w+) (?:gauge|counter)$", text, re.MULTILINE)
    assert len(set(described)) == len(described)
    assert {name.partition("{")[0] for name in samples} <= set(described)


@pytest.mark.parametrize("month", ["2020-13", "May", "1-1", "2020-12-01", "9999-12", "%00"])
def test_a_month_that_is_none_is_refused(api: ApiClient, month: str) -> None:
    answer = api("GET", f"/usage?month={month}")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "month")

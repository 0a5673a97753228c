"""A person's word on a photo stands above a network's, whenever either comes."""

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.analysis.models import ModerationVerdict
from backend.analysis.moderating import TO_MODERATE
from backend.analysis.services import judge_moderation, record_result, undo_moderation
from backend.conftest import inspection, make_photo, make_result, make_run
from backend.core.errors import RefusedError
from backend.photos.models import Photo
from backend.photos.services import trash_photo
from functions.contract import ModerationFindings


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root")


@pytest.fixture
def photo(user: User) -> Photo:
    """A network has doubts about it."""
    photo = make_photo(user)
    record_result(make_result(photo, inspection()))
    return scored(photo, 0.6)


def scored(photo: Photo, score: float) -> Photo:
    """By a run that is newer than any before."""
    newest = make_run(started_at=timezone.now().isoformat())
    record_result(make_result(photo, ModerationFindings(score=score), run=newest))
    photo.refresh_from_db()
    return photo


def waiting() -> list[Photo]:
    return list(Photo.objects.filter(TO_MODERATE))


@pytest.mark.parametrize(("blocked", "verdict"), [(False, "ok"), (True, "blocked")])
def test_a_persons_word_is_the_photos_verdict_and_names_what_it_was_about(
    blocked: bool, verdict: str, photo: Photo, root: User
) -> None:
    assert waiting() == [photo]
    for _ in range(2):
        judge_moderation(photo, blocked=blocked, user=root, note="a statue")
    photo.refresh_from_db()
    assert (photo.moderation_verdict, photo.moderation_score) == (verdict, 0.6)
    decision = ModerationVerdict.objects.get()
    assert (decision.photo, decision.user, decision.blocked) == (photo, root, blocked)
    assert (decision.model, decision.score, decision.note) == ("opennsfw-1", 0.6, "a statue")
    assert waiting() == []


@pytest.mark.parametrize("score", [0.1, 0.6, 0.9])
def test_it_outlives_whatever_a_network_says_later(photo: Photo, root: User, score: float) -> None:
    judge_moderation(photo, blocked=False, user=root)
    photo = scored(photo, score)
    assert (photo.moderation_verdict, photo.moderation_score) == ("ok", score)
    judge_moderation(photo, blocked=True, user=root)
    assert scored(photo, 0.0).moderation_verdict == "blocked"
    assert waiting() == []


def test_a_person_decides_before_a_network_has_said_anything(user: User, root: User) -> None:
    photo = make_photo(user)
    record_result(make_result(photo, inspection()))
    judge_moderation(photo, blocked=True, user=root)
    assert ModerationVerdict.objects.values_list("model", "score").get() == ("", None)
    assert scored(photo, 0.0).moderation_verdict == "blocked"


@pytest.mark.parametrize(
    ("score", "verdict"), [(0.0, "ok"), (0.6, "review"), (0.9, "blocked"), (None, "pending")]
)
def test_undone_the_networks_latest_word_stands(
    photo: Photo, root: User, score: float | None, verdict: str
) -> None:
    judge_moderation(photo, blocked=score is None or score < 0.5, user=root)
    Photo.objects.update(moderation_score=score)
    for _ in range(2):
        undo_moderation(photo)
        photo.refresh_from_db()
        assert (photo.moderation_verdict, photo.moderation_score) == (verdict, score)
    assert not ModerationVerdict.objects.exists()
    assert waiting() == ([photo] if verdict in ("review", "blocked") else [])
    # From here on it follows the networks again.
    assert scored(photo, 0.0).moderation_verdict == "ok"


def test_a_photo_in_the_trash_waits_for_nobody(photo: Photo) -> None:
    trash_photo(photo)
    assert waiting() == []


def test_nobody_decides_about_what_cannot_be_seen(user: User, photo: Photo, root: User) -> None:
    with pytest.raises(RefusedError, match="not_ready"):
        judge_moderation(make_photo(user), blocked=False, user=root)
    gone = Photo(id=photo.id)
    photo.delete()
    with pytest.raises(RefusedError, match="not_found"):
        judge_moderation(gone, blocked=False, user=root)
    with pytest.raises(RefusedError, match="not_found"):
        undo_moderation(gone)
    assert not ModerationVerdict.objects.exists()


def test_the_word_stays_when_whoever_said_it_is_gone(photo: Photo, root: User) -> None:
    judge_moderation(photo, blocked=True, user=root)
    root.delete()
    assert ModerationVerdict.objects.get().user is None
    assert scored(photo, 0.0).moderation_verdict == "blocked"

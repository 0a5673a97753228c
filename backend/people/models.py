"""Faces in photos, the people they belong to, and what was said and done about both."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from pgvector.django import HalfVectorField, HnswIndex

from backend.accounts.models import User
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import FACE_DIMENSIONS


class LivingPeople(models.Manager["Person"]):
    """Everybody but those who were merged into somebody else."""

    def get_queryset(self) -> models.QuerySet["Person"]:
        return super().get_queryset().filter(merged_into__isnull=True)


class Person(models.Model):
    """Somebody who appears in an owner's photos, named or not.

    Merged people stay as rows without faces, so that a merge can be undone exactly; `objects`
    does not know them, `with_merged` does.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=100, blank=True)
    hidden = models.BooleanField(default=False)
    cover = models.ForeignKey(
        "people.Face", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.CASCADE, null=True, blank=True, related_name="merged"
    )
    # Of every model, trash included. Kept by a trigger (migration 0003): nobody else writes it.
    face_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # True while the nightly pass has not seen the latest of this person's faces.
    changed = models.BooleanField(default=True, db_default=True)

    objects = LivingPeople()
    with_merged: ClassVar[models.Manager["Person"]] = models.Manager()

    class Meta:
        verbose_name_plural = "people"
        indexes = [
            # Lists of an owner's people, those with most faces first.
            models.Index(
                fields=["owner", "-face_count", "id"],
                condition=Q(merged_into__isnull=True),
                name="person_by_size",
            ),
            # The nightly pass.
            models.Index(fields=["id"], condition=Q(changed=True), name="person_changed"),
            # Every query is read with the names at hand; most people have none.
            models.Index(fields=["owner"], condition=~Q(name=""), name="person_named"),
        ]

    def __str__(self) -> str:
        return self.name or f"Unnamed {str(self.id)[-6:]}"


class Face(models.Model):
    """One face in one photo, as a model saw it.

    The box is in fractions of the upright photo, so it holds for every rendition.
    analysis_id names the analysis that found it; it is not a foreign key because analyses
    stand above people.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="faces")
    # The photo's, so that one owner's faces are found without a join. A trigger fills it in.
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", editable=False)
    analysis_id = models.UUIDField()
    model = models.CharField(max_length=50)
    left = models.FloatField()
    top = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    score = models.FloatField()
    quality = models.FloatField()
    embedding = HalfVectorField(dimensions=FACE_DIMENSIONS)
    person = models.ForeignKey(
        Person, on_delete=models.SET_NULL, null=True, blank=True, related_name="faces"
    )
    # A person has said who it is.
    confirmed = models.BooleanField(default=False)
    # When it stopped waiting; None while it waits. Kept by a trigger.
    assigned_at = models.DateTimeField(null=True, blank=True)
    # New faces are compared with this one: it waits, or is one of the few that stand for their
    # person. So the index grows with people and not with photos of them.
    exemplar = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="face_box_inside_photo",
                # Fractions are floats: the last bit of left + width may be above 1.
                condition=Q(left__gte=0, top__gte=0, width__gt=0, height__gt=0)
                & Q(left__lte=1.000001 - F("width"), top__lte=1.000001 - F("height")),
            ),
            models.UniqueConstraint(
                name="person_once_a_photo_and_model",
                fields=["photo", "model", "person"],
                condition=Q(person__isnull=False),
            ),
            models.CheckConstraint(
                name="face_that_waits_is_exemplar",
                condition=Q(person__isnull=False) | Q(exemplar=True),
            ),
        ]
        indexes = [
            # people.nearness asks for the nearest exemplars ...
            HnswIndex(
                name="face_exemplar_hnsw",
                fields=["embedding"],
                opclasses=["halfvec_cosine_ops"],
                m=16,
                ef_construction=64,
                condition=Q(exemplar=True),
            ),
            # ... or, among many owners, compares with each of a small library's.
            models.Index(
                fields=["owner", "model"],
                condition=Q(exemplar=True),
                name="face_exemplars_of_owner",
            ),
            # What stands for a person.
            models.Index(
                fields=["person", "model"], condition=Q(exemplar=True), name="face_exemplars"
            ),
            # The nightly pass looks again at what waits.
            models.Index(
                fields=["owner", "model", "id"],
                condition=Q(person__isnull=True),
                name="face_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person or 'somebody'} in {self.photo_id}"


class Regrouping(models.Model):
    """A merge or a split: who did it, when, and which faces moved from whom to whom.

    Its id is later than that of every face there was at the time.
    """

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="regroupings")
    kind = models.CharField(max_length=10, choices=Kind)
    # None: the nightly pass.
    made_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField(db_default=Now(), editable=False)
    source = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="left_by")
    target = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="joined_by")
    # The name that the target took over, if it had none.
    name_taken = models.CharField(max_length=100, blank=True)
    undone_by = models.ForeignKey(
        User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.kind}: {self.source} -> {self.target}"


class MovedFace(models.Model):
    """A face that a regrouping moved, whose it was, and whether somebody had confirmed that.

    It moved to the regrouping's target, or to nobody if it was rejected for one of the two.
    """

    regrouping = models.ForeignKey(Regrouping, on_delete=models.CASCADE, related_name="moved")
    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="moves")
    origin = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    confirmed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="face_moved_once", fields=["regrouping", "face"])
        ]

    def __str__(self) -> str:
        return f"{self.face_id} by {self.regrouping_id}"


class FaceRejection(models.Model):
    """A person's word that a face is not somebody: it never goes back there.

    A merge copies those of the one who goes to the one who stays, a split makes one for each face
    that it moves; these know their regrouping, and go when it is undone.
    """

    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="rejections")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="rejections")
    regrouping = models.ForeignKey(Regrouping, on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rejection_once_a_person", fields=["face", "person"])
        ]

    def __str__(self) -> str:
        return f"not {self.person}"


class Distinction(models.Model):
    """A person's word that two are not one: they are neither proposed nor merged by themselves.

    first is the one with the smaller id. A split makes one, a merge copies them as it does
    rejections.
    """

    first = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    regrouping = models.ForeignKey(Regrouping, on_delete=models.CASCADE, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="distinction_once", fields=["first", "second"]),
            models.CheckConstraint(name="distinction_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first} is not {self.second}"


class Proposal(models.Model):
    """What the nightly pass would like to ask: are these two one, or is this one two?"""

    class Kind(models.TextChoices):
        MERGE = "merge"
        SPLIT = "split"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="proposals")
    kind = models.CharField(max_length=10, choices=Kind)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="proposals")
    # The one that may be the same; None for a split.
    other = models.ForeignKey(
        Person, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    # Cosine distance between the two people, or the two groups.
    distance = models.FloatField()
    # How many faces one answer settles.
    settles = models.PositiveIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)
    # Somebody said no: a split is not proposed again until the person has grown a good deal.
    declined_at_count = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="proposal_once", fields=["person", "other", "kind"], nulls_distinct=False
            )
        ]
        indexes = [
            # The review list.
            models.Index(fields=["owner", "-settles", "id"], name="proposal_by_use")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.person}?"


class ErasedFace(models.Model):
    """Where a face was whose biometrics were erased: no analysis brings it back."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="erased_faces")
    left = models.FloatField()
    top = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()

    def __str__(self) -> str:
        return f"erased in {self.photo_id}"


class Erasure(models.Model):
    """The record of an erasure: what was removed, and nothing of what it was."""

    class Scope(models.TextChoices):
        PERSON = "person"
        PHOTOS = "photos"  # those of an album whose face analysis was switched off
        EVERYTHING = "everything"  # of the owner's

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="erasures")
    scope = models.CharField(max_length=10, choices=Scope)
    person_id = models.UUIDField(null=True, blank=True)
    erased_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    erased_at = models.DateTimeField(auto_now_add=True)
    # Counts of what was removed, and of what was left when it was looked for again.
    removed = models.JSONField()
    # SHA-256 over the removed faces' ids, sorted, a line each: whoever knew an id can check it.
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        # Asked for again, an erasure answers with what it did.
        indexes = [models.Index(fields=["owner", "person_id"], name="erasure_of_person")]

    def __str__(self) -> str:
        return f"{self.removed} at {self.erased_at}"

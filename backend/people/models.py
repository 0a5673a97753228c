"""Faces in photos, and the people they belong to."""

from django.db import models
from django.db.models import F, Q
from pgvector.django import HalfVectorField, HnswIndex

from backend.accounts.models import User
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import FACE_DIMENSIONS


class Person(models.Model):
    """Somebody who appears in an owner's photos, named or not."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(max_length=100, blank=True)
    hidden = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "people"

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
    confirmed = models.BooleanField(default=False)

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
        ]
        indexes = [
            # people.services.assign_people asks for the nearest faces.
            HnswIndex(
                name="face_embedding_hnsw",
                fields=["embedding"],
                opclasses=["halfvec_cosine_ops"],
                m=16,
                ef_construction=64,
            )
        ]

    def __str__(self) -> str:
        return f"{self.person or 'somebody'} in {self.photo_id}"


class FaceRejection(models.Model):
    """A person's word that a face is not somebody: it never goes back there."""

    face = models.ForeignKey(Face, on_delete=models.CASCADE, related_name="rejections")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="rejections")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="rejection_once_a_person", fields=["face", "person"])
        ]

    def __str__(self) -> str:
        return f"not {self.person}"

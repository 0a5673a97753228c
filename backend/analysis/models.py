"""The state of the work on photos, and what the networks found."""

from django.db import models
from django.db.models import F, Q
from pgvector.django import BitField, HalfVectorField, HnswIndex

from backend.accounts.models import User
from backend.analysis.batch_models import Batch, BatchItem, Use
from backend.core.uuids import uuid7
from backend.photos.models import Photo
from functions.contract import FEATURE_DIMENSIONS, MEANING_DIMENSIONS, Kind

__all__ = [
    "Analysis",
    "Batch",
    "BatchItem",
    "DuplicateGroup",
    "GroupedPhoto",
    "ImageFeatures",
    "Label",
    "LabelVerdict",
    "ModerationVerdict",
    "PictureHash",
    "TextLine",
    "Use",
]


class Analysis(models.Model):
    """The latest run of one kind by one model on one photo: this table is the work's truth."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="analyses")
    kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in Kind])
    model = models.CharField(max_length=50)
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    # Nobody but a rollout has asked for it: its photo's owner is told nothing of it.
    shadow = models.BooleanField(default=False, db_default=False)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(auto_now_add=True)
    # Not to be started before; later than queued_at when a retry waits.
    due_at = models.DateTimeField(auto_now_add=True)
    # When a worker was last told; None if it never was.
    dispatched_at = models.DateTimeField(null=True, blank=True)
    lease_expires_at = models.DateTimeField(null=True, blank=True)
    request_id = models.CharField(max_length=40, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Why it failed, or failed last before the retry that is under way
    stage = models.CharField(max_length=30, blank=True)
    code = models.CharField(max_length=50, blank=True)
    detail = models.TextField(blank=True)
    # Where the values came from, and what they cost
    duration_ms = models.FloatField(null=True, blank=True)
    cpu_ms = models.FloatField(null=True, blank=True)
    memory_mb = models.FloatField(null=True, blank=True)
    cold_start = models.BooleanField(null=True, blank=True)
    runtime = models.CharField(max_length=200, blank=True)
    weights_sha256 = models.CharField(max_length=400, blank=True)
    input_sha256 = models.CharField(max_length=64, blank=True)
    # How explicit the photo is, 0-1; None for other kinds. The photo has that of the active model.
    moderation_score = models.FloatField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "analyses"
        constraints = [
            models.UniqueConstraint(
                name="analysis_once_a_model", fields=["photo", "kind", "model"]
            ),
            models.CheckConstraint(
                name="analysis_running_has_lease",
                condition=~Q(state="running") | Q(lease_expires_at__isnull=False),
            ),
            models.CheckConstraint(
                name="analysis_failed_says_why", condition=~Q(state="failed") | ~Q(code="")
            ),
        ]
        indexes = [
            # The sweeper reads these two.
            models.Index(fields=["due_at"], condition=Q(state="queued"), name="analysis_queued"),
            models.Index(
                fields=["lease_expires_at"], condition=Q(state="running"), name="analysis_running"
            ),
            # The failed inbox.
            models.Index(
                fields=["-finished_at"], condition=Q(state="failed"), name="analysis_failed"
            ),
            # Rollouts ask how many of theirs are under way.
            models.Index(
                fields=["model"],
                condition=Q(shadow=True, state__in=["queued", "running"]),
                name="analysis_shadow_open",
            ),
            # Estimates look at what such analyses took lately.
            models.Index(
                fields=["kind", "model", "-finished_at"],
                condition=Q(state="done"),
                name="analysis_lately",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.model}: {self.state}"


class Label(models.Model):
    """A thing that a network saw in a photo."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="labels")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="labels")
    name = models.CharField(max_length=100)
    name_zh = models.CharField(max_length=100)
    score = models.FloatField()

    class Meta:
        ordering = ["-score"]
        constraints = [
            models.UniqueConstraint(name="label_once_an_analysis", fields=["analysis", "name"]),
            models.CheckConstraint(
                name="label_score_is_fraction", condition=Q(score__range=(0, 1))
            ),
        ]
        # ?label= finds photos by either name.
        indexes = [
            models.Index(fields=["name"], name="label_name"),
            models.Index(fields=["name_zh"], name="label_name_zh"),
        ]

    def __str__(self) -> str:
        return self.name


class LabelVerdict(models.Model):
    """A person's yes or no to a label. It outlives the analysis that gave the label."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="label_verdicts")
    name = models.CharField(max_length=100)
    correct = models.BooleanField()
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    model = models.CharField(max_length=50)  # that gave the label
    created_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="verdict_once_a_label", fields=["photo", "name"])
        ]

    def __str__(self) -> str:
        return f"{self.name}: {'yes' if self.correct else 'no'}"


class ModerationVerdict(models.Model):
    """A person's word on whether others may see a photo. It outlives any analysis.

    model and score: what had been said of the photo by then, if anything.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="moderation_decision"
    )
    blocked = models.BooleanField()
    user = models.ForeignKey(User, on_delete=models.SET_NULL, null=True)
    model = models.CharField(max_length=50, blank=True)
    score = models.FloatField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="moderation_verdict_score_has_model",
                condition=Q(score__isnull=True, model="") | (Q(score__isnull=False) & ~Q(model="")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.photo_id}: {'blocked' if self.blocked else 'let pass'}"


class TextLine(models.Model):
    """A line of text that a network read in a photo; position is its place in reading order."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="text_lines")
    analysis = models.ForeignKey(Analysis, on_delete=models.CASCADE, related_name="text_lines")
    position = models.PositiveIntegerField()
    text = models.TextField()
    left = models.FloatField()
    top = models.FloatField()
    width = models.FloatField()
    height = models.FloatField()
    score = models.FloatField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                name="text_line_one_a_position", fields=["analysis", "position"]
            ),
            models.CheckConstraint(
                name="text_line_box_inside_photo",
                condition=Q(left__gte=0, top__gte=0, width__gt=0, height__gt=0)
                & Q(left__lte=1.000001 - F("width"), top__lte=1.000001 - F("height")),
            ),
        ]

    def __str__(self) -> str:
        return self.text


class ImageFeatures(models.Model):
    """A photo as a point among photos, where near ones look alike, and as one among words.

    meaning: None if the labels were found before there was one. Its distance to
    core.meanings.meaning_of(query) says how well the photo answers the query.
    """

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="features")
    analysis = models.OneToOneField(Analysis, on_delete=models.CASCADE, related_name="features")
    embedding = HalfVectorField(dimensions=FEATURE_DIMENSIONS)
    meaning = HalfVectorField(dimensions=MEANING_DIMENSIONS, null=True)

    class Meta:
        indexes = [
            # Similar photos and taught tags ask for the nearest.
            HnswIndex(
                name="image_features_hnsw",
                fields=["embedding"],
                opclasses=["halfvec_cosine_ops"],
                m=16,
                ef_construction=64,
            ),
            # Search asks for the photos nearest to what a query means.
            HnswIndex(
                name="image_meaning_hnsw",
                fields=["meaning"],
                opclasses=["halfvec_cosine_ops"],
                m=16,
                ef_construction=64,
            ),
        ]

    def __str__(self) -> str:
        return f"features of {self.photo_id}"


class PictureHash(models.Model):
    """A photo's perceptual hash as bits: copies of a picture differ in few of them.

    Apart from the photo's row, which changes often: each change would go into this index too.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="picture_hash"
    )
    bits = BitField(length=64)

    class Meta:
        verbose_name_plural = "picture hashes"
        indexes = [
            # analysis.duplicates asks for the nearest.
            HnswIndex(
                name="picture_hash_hnsw",
                fields=["bits"],
                opclasses=["bit_hamming_ops"],
                m=16,
                ef_construction=64,
            )
        ]

    def __str__(self) -> str:
        return f"hash of {self.photo_id}"


class DuplicateGroup(models.Model):
    """Photos of one owner of which one may be enough.

    A duplicate is the same picture again; a burst is the same moment, taken several times.
    """

    class Kind(models.TextChoices):
        DUPLICATE = "duplicate"
        BURST = "burst"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="duplicate_groups")
    kind = models.CharField(max_length=10, choices=Kind)
    # When a person said which of them to keep; None while nobody has.
    reviewed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            # The review list.
            models.Index(
                fields=["owner", "-id"],
                condition=Q(reviewed_at__isnull=True),
                name="duplicates_to_review",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {str(self.id)[-6:]}"


class GroupedPhoto(models.Model):
    """That a photo is one of a group of duplicates; it is in one group at most."""

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="grouped"
    )
    group = models.ForeignKey(DuplicateGroup, on_delete=models.CASCADE, related_name="members")

    def __str__(self) -> str:
        return f"{self.photo_id} in {self.group_id}"

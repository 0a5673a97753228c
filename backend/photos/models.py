"""Photos as a user sees them, and the words they wrote on them."""

from django.db import models
from django.db.models import BigIntegerField, BooleanField, ExpressionWrapper, F, Func, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from backend.accounts.models import User
from backend.core.uuids import uuid7


class LocalTime(Func):
    """A moment moved by an offset in minutes, so that its UTC reading is the local one."""

    # The joiner closes the inner call: timezone('UTC', <moment>) + make_interval(mins => <offset>)
    template = "timezone('UTC', timezone('UTC', %(expressions)s))"
    arg_joiner = ") + make_interval(mins => "


class MapCellOf(Func):
    """The finest cell of the map that coordinates lie in; see MapCell."""

    function = "map_cell"  # made by the migration that adds Photo.map_cell
    output_field = BigIntegerField()


class Photo(models.Model):
    """One uploaded picture.

    What is known before its bytes arrive is given by the uploader; the rest is what inspection
    found in the bytes, so it is empty until then.
    """

    class Status(models.TextChoices):
        AWAITING_UPLOAD = "awaiting_upload"
        PROCESSING = "processing"
        READY = "ready"
        FAILED = "failed"

    class Moderation(models.TextChoices):
        PENDING = "pending"
        OK = "ok"
        REVIEW = "review"
        BLOCKED = "blocked"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="photos")
    filename = models.CharField(max_length=255)
    content_type = models.CharField(max_length=50)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=20, choices=Status, default=Status.AWAITING_UPLOAD)
    created_at = models.DateTimeField(auto_now_add=True)
    uploaded_at = models.DateTimeField(null=True, blank=True)
    trashed_at = models.DateTimeField(null=True, blank=True)

    # The upload under way
    ticket_at = models.DateTimeField(default=timezone.now)  # the latest ticket
    multipart_upload_id = models.CharField(max_length=200, blank=True)
    upload_check_at = models.DateTimeField(null=True, blank=True)

    # What inspection found
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    frames = models.PositiveIntegerField(null=True, blank=True)
    taken_at = models.DateTimeField(null=True, blank=True)
    # Minutes east of UTC of the clock that taken_at was read from: photos are found by the day
    # that it showed.
    taken_at_offset = models.SmallIntegerField(default=0)
    taken_at_source = models.CharField(max_length=20, blank=True)
    camera_make = models.CharField(max_length=100, blank=True)
    camera_model = models.CharField(max_length=100, blank=True)
    lens = models.CharField(max_length=150, blank=True)
    iso = models.PositiveIntegerField(null=True, blank=True)
    f_number = models.FloatField(null=True, blank=True)
    exposure = models.CharField(max_length=20, blank=True)
    focal_length = models.FloatField(null=True, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    altitude = models.FloatField(null=True, blank=True)
    location_source = models.CharField(max_length=20, blank=True)  # exif | person
    country = models.CharField(max_length=100, blank=True)
    region = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=100, blank=True)
    placeholder = models.CharField(max_length=60, blank=True)
    color = models.CharField(max_length=7, blank=True)
    perceptual_hash = models.CharField(max_length=16, blank=True)
    has_renditions = models.BooleanField(default=False)
    has_text = models.BooleanField(default=False)

    moderation_verdict = models.CharField(
        max_length=10, choices=Moderation, default=Moderation.PENDING
    )
    moderation_score = models.FloatField(null=True, blank=True)
    # What WeChat says; it counts where WeChat is asked: see selectors.shareable.
    wechat_verdict = models.CharField(
        max_length=10,
        choices=Moderation,
        default=Moderation.PENDING,
        db_default=Moderation.PENDING,
    )

    # What its owner said
    favorite = models.BooleanField(default=False)
    archived = models.BooleanField(default=False)
    description = models.TextField(blank=True)

    # False while it is in an album of its owner's whose face analysis is off; albums says so.
    face_analysis = models.BooleanField(default=True, db_default=True, editable=False)
    # True while search does not know the latest about this photo.
    search_stale = models.BooleanField(default=False)
    # True while its faces are not with their people yet.
    people_stale = models.BooleanField(default=False)
    # True while it has not been compared with the photos that were there before.
    duplicates_stale = models.BooleanField(default=False)
    # Where the photo stands in a timeline: when it was taken, else when it came.
    shown_at = models.GeneratedField(
        expression=Coalesce(F("taken_at"), F("created_at")),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    # The same by the clock of the place, for days and months.
    shown_local = models.GeneratedField(
        expression=LocalTime(Coalesce(F("taken_at"), F("created_at")), F("taken_at_offset")),
        output_field=models.DateTimeField(),
        db_persist=True,
    )

    # True where its owner looks for photos: it has come, and is neither put away nor in the trash.
    in_library = models.GeneratedField(
        expression=ExpressionWrapper(
            Q(trashed_at__isnull=True, archived=False) & ~Q(status="awaiting_upload"),
            output_field=BooleanField(),
        ),
        output_field=BooleanField(),
        db_persist=True,
    )
    map_cell = models.GeneratedField(
        expression=MapCellOf(F("latitude"), F("longitude")),
        output_field=BigIntegerField(null=True),
        db_persist=True,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(name="photo_bytes_once_an_owner", fields=["owner", "sha256"]),
            models.CheckConstraint(name="photo_size_positive", condition=Q(size__gt=0)),
            models.CheckConstraint(
                name="photo_location_on_earth",
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
            ),
        ]
        indexes = [
            # The timeline, and every list that is read in its order.
            models.Index(F("owner"), F("shown_at").desc(), F("id").desc(), name="photo_timeline"),
            # Lists narrowed to days.
            models.Index(fields=["owner", "shown_local"], name="photo_days"),
            # The indexer takes what is stale.
            models.Index(fields=["id"], condition=Q(search_stale=True), name="photo_search_stale"),
            models.Index(fields=["id"], condition=Q(people_stale=True), name="photo_people_stale"),
            models.Index(
                fields=["id"], condition=Q(duplicates_stale=True), name="photo_duplicates_stale"
            ),
            # The sweeper asks storage for uploads that nobody announced.
            models.Index(
                fields=["upload_check_at"],
                condition=Q(status="awaiting_upload"),
                name="photo_upload_check",
            ),
            # A person looks at what moderation has not let pass.
            models.Index(
                fields=["id"],
                condition=Q(moderation_verdict__in=["review", "blocked"], trashed_at__isnull=True),
                name="photo_to_moderate",
            ),
            # The purge empties the trash.
            models.Index(
                fields=["trashed_at"], condition=Q(trashed_at__isnull=False), name="photo_trash"
            ),
            # ?bbox=
            models.Index(
                fields=["owner", "latitude", "longitude"],
                condition=Q(latitude__isnull=False),
                name="photo_on_map",
            ),
            # A photo of each cluster of the map.
            models.Index(
                fields=["owner", "map_cell"],
                condition=Q(in_library=True, map_cell__isnull=False),
                name="photo_map_cell",
            ),
        ]

    def __str__(self) -> str:
        return self.filename


class Tag(models.Model):
    """A word that a person wrote on a photo."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="tags")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(name="tag_once_a_photo", fields=["photo", "name"])]
        # ?tag= finds photos by the word.
        indexes = [models.Index(fields=["name"], name="tag_name")]

    def __str__(self) -> str:
        return self.name


class Month(models.Model):
    """How many photos a month of somebody's library holds, and their shapes, newest first.

    Photos' triggers note in StaleMonth what no longer holds; photos.timeline makes it anew.
    aspect_ratios: see photos.timeline.months_of.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="months")
    month = models.DateField()  # its first day, by the clock of the place
    count = models.PositiveIntegerField()
    aspect_ratios = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(name="month_once_an_owner", fields=["owner", "month"])
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class StaleMonth(models.Model):
    """A note that a month's photos have changed. As many as changes, so that none waits."""

    # No foreign key: the photos of a deleted account leave notes behind.
    owner_id = models.UUIDField(db_index=True)
    month = models.DateField()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class MapCell(models.Model):
    """How many photos of somebody's library lie in a square of the map, and where on average.

    At each level 2 ** level cells go around the earth and half of these from pole to pole.
    cell has the bits of its column (from the west) in the even places, and those of its row
    (from the south) in the odd ones, so that a cell's number shifted right is its parent's.
    The sums are of millionths of a degree: whole numbers, so that photos come and go exactly.
    Photos' triggers note in MapChange what comes and goes; photos.map adds it up.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="map_cells")
    level = models.PositiveSmallIntegerField()
    cell = models.BigIntegerField()
    count = models.IntegerField()
    latitude_sum = models.BigIntegerField()
    longitude_sum = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="map_cell_once_an_owner", fields=["owner", "level", "cell"]
            )
        ]
        indexes = [
            # Cells that the last photo has left are removed.
            models.Index(fields=["owner"], condition=Q(count=0), name="map_cell_empty")
        ]

    def __str__(self) -> str:
        return f"{self.cell} at {self.level}: {self.count}"


class MapChange(models.Model):
    """A note of photos that came to a finest cell of the map, or left it if count is negative."""

    owner_id = models.UUIDField(db_index=True)
    cell = models.BigIntegerField()
    count = models.IntegerField()
    latitude_sum = models.BigIntegerField()
    longitude_sum = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.cell}: {self.count:+d}"

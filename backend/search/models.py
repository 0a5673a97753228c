"""What search knows of each photo."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from backend.photos.models import Photo


class SearchDocument(models.Model):
    """Everything that can be said of a photo, as words."""

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    words = SearchVectorField()
    indexed_at = models.DateTimeField(auto_now=True)

    class Meta:
        # search.selectors.search_photos matches words.
        indexes = [GinIndex(fields=["words"], name="search_words")]

    def __str__(self) -> str:
        return f"words of {self.photo_id}"

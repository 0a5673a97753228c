"""What search knows of each photo, and of the names that a user's photos have."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F

from backend.accounts.models import User
from backend.photos.models import Photo
from backend.search.vocabulary import MAX_SPELLING


class SearchDocument(models.Model):
    """Everything that can be said of a photo, as words, and as the keys of search.keys.

    owner and shown_local are the photo's, so that the newest answers are found in this table alone.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="search_document"
    )
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+", db_index=False)
    shown_local = models.DateTimeField()
    words = SearchVectorField()
    indexed_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [
            # search.matching matches words: by this index if few photos have them,
            GinIndex(fields=["words"], name="search_words"),
            # and from the newest photo on if many do.
            models.Index(
                F("owner"),
                F("shown_local").desc(),
                F("photo").desc(),
                name="search_newest",
            ),
        ]

    def __str__(self) -> str:
        return f"words of {self.photo_id}"


class Term(models.Model):
    """One spelling of a label, place or tag that a user's photos have.

    It appears when the first such photo is indexed; search.services.forget_terms removes it
    after the last. People are read from their own table, so that a new name counts at once.
    """

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="search_terms")
    sort = models.CharField(max_length=10)  # of search.vocabulary.Sort
    key = models.CharField(max_length=250)  # see search.vocabulary.Entry
    name = models.CharField(max_length=200)
    name_zh = models.CharField(max_length=200, blank=True)
    spelling = models.CharField(max_length=MAX_SPELLING)
    how = models.CharField(max_length=10)  # of search.vocabulary.How

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="term_once_a_spelling", fields=["owner", "sort", "key", "spelling", "how"]
            )
        ]
        indexes = [
            # Names in a query, and names as one types them.
            models.Index(
                F("owner"), OpClass(F("spelling"), "varchar_pattern_ops"), name="term_spelling"
            ),
            # Mistyped names.
            GinIndex(OpClass(F("spelling"), "gin_trgm_ops"), name="term_trigrams"),
        ]

    def __str__(self) -> str:
        return f"{self.spelling}: {self.sort} {self.name}"

"""The search box: what backend.search finds, among whatever photos a page is about."""

from django.db.models import QuerySet

from backend.photos.models import Photo
from backend.search import selectors


def match_photos(photos: QuerySet[Photo], query: str) -> QuerySet[Photo]:
    """Those of the photos that answer every term, best first: search_photos for several owners."""
    terms = selectors.split_query(query)
    if not terms:
        return photos.none()
    found = selectors._matching(photos, terms, loose=False)
    if any(term.is_han and len(term.text) > 2 for term in terms) and not found.exists():
        return selectors._matching(photos, terms, loose=True)
    return found

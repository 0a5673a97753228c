"""Finding a photo by what a person wrote about it, in English and in Chinese.

Words: labels, text lines and the product's own index. Meaning: the vectors that the product keeps
of photos (ConSE) and makes of queries. Together: the product's search, which fuses the ranks. A
caption is a long query; nobody types one.
"""

import functools
import hashlib
import time
import uuid
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from backend.accounts.models import User
from backend.analysis.models import ImageFeatures
from backend.core.meanings import meaning_of
from backend.photos.models import Photo
from backend.search.parsing import parse
from backend.search.selectors import MAX_RANKED, find_photos, match_query
from backend.search.services import index_stale_photos
from backend.search.terms import understand
from backend.search.vocabulary import Vocabulary
from backend.search.words import STOP_WORDS, split_words
from benchmarks.accuracy_tables import Errand, TaskReport
from benchmarks.evaluation_data import Caption, captions, load_preview
from benchmarks.recording import record_findings
from functions.contract import MODELS, Kind
from functions.handlers import analyse

Floats = NDArray[np.float64]


def measure_search(errand: Errand) -> list[TaskReport]:
    report = TaskReport("Search: from a person's caption to the photo")
    every = captions(errand.data)
    paths = errand.few(list(dict.fromkeys(caption.path for caption in every)))
    every = [caption for caption in every if caption.path in set(paths)]
    errand.tell(f"Indexing {len(paths)} photos ...")
    owner = User.objects.create_user(f"accuracy-{uuid.uuid4().hex}", password=None)
    meanings = _add_photos(owner, paths)
    for language in ("en", "zh"):
        chosen = [caption for caption in every if caption.language == language]
        errand.tell(f"Searching {len(chosen)} captions: {language} ...")
        wanted = [paths.index(caption.path) for caption in chosen]
        loose = _loose_ranks(owner, chosen, paths)
        _add(report, f"{language}: words, any of them", loose, wanted, paths)
        meaning = _meaning_ranks(chosen, meanings)
        _add(report, f"{language}: meaning", meaning, wanted, paths)
        began = time.process_time()
        together = np.array([_product_ranks(owner, caption, paths) for caption in chosen])
        cpu = (time.process_time() - began) / len(chosen)
        _add(report, f"{language}: together (the product)", together, wanted, paths)
        report.add(f"{language}: together (the product)", {"CPU s a query": cpu})
    Photo.objects.filter(owner=owner).delete()
    return [report]


def _add(
    report: TaskReport, name: str, ranks: Floats, wanted: list[int], paths: list[Path]
) -> None:
    """ranks: float[captions, photos], from 1; infinite for what was not found."""
    places = ranks[np.arange(len(wanted)), wanted]
    report.add(
        name,
        {
            "photos": len(paths),
            "captions": len(wanted),
            "recall@1": float(np.mean(places <= 1)),
            "recall@5": float(np.mean(places <= 5)),
            "recall@10": float(np.mean(places <= 10)),
            "found at all": float(np.mean(np.isfinite(places))),
        },
    )


def _add_photos(owner: User, paths: list[Path]) -> Floats:
    """The photos are in the album and its index. What they mean, float[n, 512]."""
    for number, path in enumerate(paths):
        photo = Photo.objects.create(
            owner=owner,
            filename=f"{number}.jpg",
            content_type="image/jpeg",
            size=1,
            sha256=hashlib.sha256(str(path).encode()).hexdigest(),
            status=Photo.Status.READY,
        )
        image = load_preview(path)
        for kind in (Kind.LABELS, Kind.TEXT):
            record_findings(photo, kind, analyse(kind, MODELS[kind][0], image))
        Photo.objects.filter(id=photo.id).update(search_stale=True)
    while index_stale_photos(limit=100):
        pass
    kept = ImageFeatures.objects.filter(photo__owner=owner).select_related("photo")
    meanings = {int(Path(row.photo.filename).stem): row.meaning for row in kept}
    return np.array([meanings[number] for number in range(len(paths))], float)


def _product_ranks(owner: User, caption: Caption, paths: list[Path]) -> Floats:
    ranks = np.full(len(paths), np.inf)
    hits = find_photos(owner, understand(owner, caption.text), size=MAX_RANKED)
    photos = Photo.objects.in_bulk([hit.photo_id for hit in hits])
    for rank, hit in enumerate(hits, 1):
        ranks[int(Path(photos[hit.photo_id].filename).stem)] = rank
    return ranks


def _loose_ranks(owner: User, chosen: list[Caption], paths: list[Path]) -> Floats:
    """As if any term of a query sufficed: the index term by term, rare ones first."""

    @functools.cache
    def found(term: str) -> list[int]:
        parsed = parse(term, Vocabulary(), today=date.today())
        names = match_query(owner, parsed).values_list("filename", flat=True)
        return [int(Path(name).stem) for name in names]

    scores = np.zeros((len(chosen), len(paths)))
    for row, caption in zip(scores, chosen, strict=True):
        words = split_words(caption.text)
        for term in dict.fromkeys([*words.latin, *words.han]):
            if term not in STOP_WORDS and (places := found(term)):
                row[places] += np.log(1 + len(paths) / len(places))
    return np.where(scores > 0, _ranks(scores), np.inf)


def _meaning_ranks(chosen: list[Caption], photos: Floats) -> Floats:
    queries = np.array([meaning_of(caption.text) for caption in chosen])
    return _ranks(queries @ photos.T)


def _ranks(scores: Floats) -> Floats:
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(scores)
    np.put_along_axis(ranks, order, np.arange(1.0, scores.shape[1] + 1)[None], axis=1)
    return ranks

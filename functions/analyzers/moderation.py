"""Score how explicit a photo is."""

import functools

import numpy as np
from numpy.typing import NDArray

from functions import contract
from functions.errors import AnalysisError
from functions.networks.network import digest_of
from functions.networks.nsfw import NsfwScorer


class ModerationAnalyzer:
    """0 safe - 1 explicit, by OpenNSFW. Safe to use from several threads.

    Of 240 safe photos (swimwear, underwear, clothing, portraits among them) the highest scored
    .47 and the 99th percentile .40: what to do at which score is the backend's to say.
    """

    model = "opennsfw-1"
    networks = (NsfwScorer.network_name,)

    def __init__(self) -> None:
        self._score = NsfwScorer()

    @property
    def weights_sha256(self) -> str:
        return digest_of(list(self.networks))

    def analyse(self, image: NDArray[np.uint8]) -> contract.ModerationFindings:
        """image: uint8[h, w, 3], RGB, upright. Raises AnalysisError."""
        score = self._score(image)
        if not np.isfinite(score):
            raise AnalysisError(
                stage="moderate",
                code="not_finite",
                detail="The photo could not be scored.",
                permanent=True,
            )
        return contract.ModerationFindings(score=score)


@functools.cache
def moderation_analyzer() -> ModerationAnalyzer:
    """Opened once a process. Raises AnalysisError if its network cannot be opened."""
    return ModerationAnalyzer()

"""How a function says that it could not do its work."""


class AnalysisError(Exception):
    """Work on one photo failed, and this is what its owner is told.

    stage:     where it happened: claim, read, decode, metadata, render, detect, embed, ...
    code:      stable and machine-readable, such as `not_an_image`; never changes its meaning.
    detail:    one English sentence for a person.
    permanent: True if the same bytes will fail again (no retry), False if a retry may help.
    """

    def __init__(self, *, stage: str, code: str, detail: str, permanent: bool) -> None:
        super().__init__(f"{stage}: {code}: {detail}")
        self.stage = stage
        self.code = code
        self.detail = detail
        self.permanent = permanent

    def __reduce__(self) -> tuple[object, ...]:
        # Keyword-only arguments do not survive the default pickling between processes.
        return _rebuild, (self.stage, self.code, self.detail, self.permanent)


def _rebuild(stage: str, code: str, detail: str, permanent: bool) -> AnalysisError:
    return AnalysisError(stage=stage, code=code, detail=detail, permanent=permanent)

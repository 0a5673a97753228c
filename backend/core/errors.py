"""How the backend says no."""


class RefusedError(Exception):
    """A request cannot be done, and the client can know why.

    code:    stable and machine-readable; its sentences are in backend.api.problems.
    status:  the HTTP status that fits.
    values:  what the sentence wants filled in.
    """

    def __init__(self, code: str, *, status: int = 400, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.values = values


def bad_field(
    field: str, detail: str, /, *, code: str = "invalid", **values: object
) -> RefusedError:
    """The refusal of a request one of whose fields is not right.

    detail: what to write instead, in English, with blanks for the values; what Chinese readers are
    told is in backend.api.field_sentences.
    """
    error = {"field": field, "code": code, "detail": detail, "values": values}
    return RefusedError("invalid", errors=[error])


class StorageError(Exception):
    """Object storage did not do what it was asked; trying again later may help."""

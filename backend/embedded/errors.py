"""Why the album could not start, said to a person."""


class StartError(Exception):
    """Something on this machine prevents the start; the text says what, and what to do."""

"""Log lines that can be shown to somebody: the secrets that addresses hold are not in them."""

import logging
import re

# What follows these opens something to whoever reads it.
_SECRET = re.compile(
    r"""(?P<before>
            /links/ | /invitations/ | /objects/ | /exports/ | /deletions/
            | [?&](?:access|token|X-Amz-Signature)=
            | \bsg[tkr]_
        ) [^\s/?&#"'<>]+""",
    re.VERBOSE,
)


def mask(text: str) -> str:
    """The same without what addresses open, and without people's and programs' keys."""
    return _SECRET.sub(r"\g<before>***", text)


class MaskingFormatter(logging.Formatter):
    """Every line of ours goes through it, a traceback's too: see settings.LOGGING."""

    def format(self, record: logging.LogRecord) -> str:
        return mask(super().format(record))

"""The order of the steps for one photo, once for all engines.

On a Celery worker the steps run in one process on one decoded image; on AWS the later ones are
parallel branches of a state machine, each reading the preview. A step that fails delivers its
failure and never stops the others.
"""

from functions.contract import Kind

# The others read what it makes.
FIRST = Kind.INSPECTION
# Quick ones first, so that a photo fills up while the slow one is still reading.
THEN = (Kind.MODERATION, Kind.LABELS, Kind.FACES, Kind.TEXT)


def later_kinds(models: dict[str, str]) -> list[Kind]:
    """The claimed kinds besides inspection, in the order to run them."""
    return [kind for kind in THEN if kind in models]

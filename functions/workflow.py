"""The order of the steps for one photo and their retries, once for all engines.

On a Celery worker the steps run in one process on one decoded image; on AWS the later ones are
parallel branches of a state machine (deploy/state_machine.py renders it from here), each reading
the preview. A step that fails delivers its failure and never stops the others.

Who tries again: the backend, up to three times, whenever a failure reaches it. An engine's own
retries are only for what says nothing about the photo, and happen under the same claim.
"""

from dataclasses import dataclass

from functions.contract import Kind

# The others read what it makes.
FIRST = Kind.INSPECTION
# Quick ones first, so that a photo fills up while the slow one is still reading.
THEN = (Kind.MODERATION, Kind.LABELS, Kind.FACES, Kind.TEXT)


@dataclass(frozen=True, kw_only=True)
class Retry:
    """A step is tried again: after first_pause, then twice as long each time, up to longest_pause.

    errors are the names that Step Functions gives; pauses are seconds.
    """

    errors: tuple[str, ...]
    attempts: int
    first_pause: int = 1
    longest_pause: int = 20


# The first that names an error holds for it. All pauses of one step together stay below half
# the lease of a claim, so that the backend does not hand the same work out meanwhile.
RETRIES = (
    # More photos than the function's reserved concurrency: it never ran. Worth waiting for.
    Retry(errors=("Lambda.TooManyRequestsException",), attempts=8),
    # Lambda's own trouble.
    Retry(
        errors=(
            "Lambda.ServiceException",
            "Lambda.AWSLambdaException",
            "Lambda.SdkClientException",
            "Lambda.ClientExecutionTimeoutException",
        ),
        attempts=3,
    ),
    # Out of time or memory: the same photo would be so again, at the price of the whole limit.
    # The backend decides, as it counts the attempts.
    Retry(
        errors=("States.Timeout", "Sandbox.Timedout", "Runtime.OutOfMemory"),
        attempts=0,
    ),
    # The process was lost, or the backend was away longer than delivery waits.
    Retry(errors=("States.ALL",), attempts=1, first_pause=3),
)


def later_kinds(models: dict[str, str]) -> list[Kind]:
    """The claimed kinds besides inspection, in the order to run them."""
    return [kind for kind in THEN if kind in models]

"""The state machine of AWS (Amazon States Language), rendered from functions/workflow.py.

    claim -> is there work? -> inspect -> moderation | labels | faces | text, in parallel

Each step is tried again as workflow.RETRIES says; when it died for good, `report_failure`
delivers that, and the other branches go on. If that cannot be delivered either, the claim's
lease runs out and the backend's sweeper starts anew: so nothing is stuck.

Placeholders such as ${faces} stand for the functions' ARNs (DefinitionSubstitutions).
"""

from typing import Any

from functions import workflow
from functions.contract import Kind

State = dict[str, Any]

# The Lambda function that does each kind, as serverless.yml calls it.
FUNCTION_OF = {
    Kind.INSPECTION: "inspect",
    Kind.FACES: "faces",
    Kind.LABELS: "labels",
    Kind.TEXT: "text",
    Kind.MODERATION: "moderation",
}
CLAIM = "claim"
REPORT_FAILURE = "reportFailure"
FUNCTIONS = (CLAIM, *FUNCTION_OF.values(), REPORT_FAILURE)


def render_state_machine() -> State:
    """The definition; the same for the same workflow.py."""
    return {
        "Comment": "One photo. Rendered from functions/workflow.py; do not edit.",
        "StartAt": "Claim",
        "States": {
            # If the backend does not answer there is no claim to report on. The upload's row is
            # still there, so the sweeper asks for the photo later.
            "Claim": _invoke(CLAIM) | {"Next": "IsThereWork"},
            "IsThereWork": _go_on_with_claim("IsItInspected"),
            "IsItInspected": _if_claimed(workflow.FIRST, then="Inspect", otherwise="LookAtIt"),
            "Inspect": _invoke(FUNCTION_OF[workflow.FIRST])
            | _catch("InspectionDied")
            | {"Next": "IsThereAPhoto"},
            "InspectionDied": _report(workflow.FIRST, "Nothing"),
            "IsThereAPhoto": _go_on_with_claim("LookAtIt"),
            "LookAtIt": {
                "Type": "Parallel",
                "Branches": [_branch(kind) for kind in workflow.THEN],
                "End": True,
                # The branches' outputs are of no use to anybody.
                "ResultPath": None,
            },
            "Nothing": {"Type": "Succeed"},
        },
    }


def _branch(kind: Kind) -> State:
    name = kind.capitalize()
    died, done = f"{name}Died", f"{name}Done"
    return {
        "StartAt": f"Is{name}Claimed",
        "States": {
            f"Is{name}Claimed": _if_claimed(kind, then=name, otherwise=done),
            name: _invoke(FUNCTION_OF[kind]) | _catch(died) | {"Next": done},
            died: _report(kind, done),
            done: {"Type": "Succeed"},
        },
    }


def _invoke(function: str) -> State:
    """A task whose input is the function's event and whose output is its answer."""
    return {"Type": "Task", "Resource": f"${{{function}}}", "Retry": _retries()}


def _retries() -> list[State]:
    return [
        {"ErrorEquals": list(retry.errors), "MaxAttempts": 0}
        if retry.attempts == 0
        else {
            "ErrorEquals": list(retry.errors),
            "MaxAttempts": retry.attempts,
            "IntervalSeconds": retry.first_pause,
            "BackoffRate": 2,
            "MaxDelaySeconds": retry.longest_pause,
            # Photos of one burst, refused together, would otherwise come back together.
            "JitterStrategy": "FULL",
        }
        for retry in workflow.RETRIES
    ]


def _catch(state: str) -> State:
    return {"Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": state}]}


def _report(kind: Kind, then: str) -> State:
    """Deliver that a step died. Whether or not it could be delivered, the rest goes on."""
    return _invoke(REPORT_FAILURE) | {
        "Parameters": {"claim.$": "$.claim", "kind": str(kind), "error.$": "$.error"},
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": then}],
        "ResultPath": None,
        "Next": then,
    }


def _go_on_with_claim(then: str) -> State:
    """Nothing to do is no failure: somebody else does it, or there is no such photo."""
    nothing = {"Variable": "$.claim", "IsNull": True, "Next": "Nothing"}
    return {"Type": "Choice", "Choices": [nothing], "Default": then}


def _if_claimed(kind: Kind, *, then: str, otherwise: str) -> State:
    claimed = {"Variable": f"$.claim.models.{kind}", "IsPresent": True, "Next": then}
    return {"Type": "Choice", "Choices": [claimed], "Default": otherwise}

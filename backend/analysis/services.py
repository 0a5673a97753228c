"""What other rooms may do with analyses; each concept has a file of its own."""

from backend.analysis.claiming import claim_analyses
from backend.analysis.recording import record_result
from backend.analysis.starting import (
    allowed_kinds,
    cancel_analyses,
    dispatch,
    reanalyze,
    receive_upload,
    start_analysis,
)
from backend.analysis.states import OPEN, active_model
from backend.analysis.sweeping import sweep
from backend.analysis.verdicts import judge_label

__all__ = [
    "OPEN",
    "active_model",
    "allowed_kinds",
    "cancel_analyses",
    "claim_analyses",
    "dispatch",
    "judge_label",
    "reanalyze",
    "receive_upload",
    "record_result",
    "start_analysis",
    "sweep",
]

"""What other rooms may do with analyses; each concept has a file of its own."""

from backend.analysis.batches import (
    Progress,
    Wanted,
    cancel_batch,
    choose_models,
    choose_photos,
    open_batches,
    progress_of,
    start_batch,
)
from backend.analysis.claiming import claim_analyses
from backend.analysis.failures import FailureFilter, failures_of, retry
from backend.analysis.moderating import judge_moderation, undo_moderation
from backend.analysis.object_import import find_keys, own_prefix
from backend.analysis.recording import record_result
from backend.analysis.starting import (
    allowed_kinds,
    cancel_analyses,
    dispatch,
    reanalyze,
    receive_upload,
    start_analysis,
)
from backend.analysis.states import OPEN
from backend.analysis.sweeping import sweep
from backend.analysis.usage import cost_of, note_use, usage_of, used_by_all
from backend.analysis.verdicts import judge_label

__all__ = [
    "OPEN",
    "FailureFilter",
    "Progress",
    "Wanted",
    "allowed_kinds",
    "cancel_analyses",
    "cancel_batch",
    "choose_models",
    "choose_photos",
    "claim_analyses",
    "cost_of",
    "dispatch",
    "failures_of",
    "find_keys",
    "judge_label",
    "judge_moderation",
    "note_use",
    "open_batches",
    "own_prefix",
    "progress_of",
    "reanalyze",
    "receive_upload",
    "record_result",
    "retry",
    "start_analysis",
    "start_batch",
    "sweep",
    "undo_moderation",
    "usage_of",
    "used_by_all",
]

from typing import Literal

ProposalKindEnum = Literal["merge", "split"]

PROPOSAL_KIND_ENUM_VALUES: set[ProposalKindEnum] = {
    "merge",
    "split",
}


def check_proposal_kind_enum(value: str) -> ProposalKindEnum:
    if value in PROPOSAL_KIND_ENUM_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PROPOSAL_KIND_ENUM_VALUES!r}")

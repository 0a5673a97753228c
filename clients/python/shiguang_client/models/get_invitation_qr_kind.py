from typing import Literal

GetInvitationQrKind = Literal["png", "svg"]

GET_INVITATION_QR_KIND_VALUES: set[GetInvitationQrKind] = {
    "png",
    "svg",
}


def check_get_invitation_qr_kind(value: str) -> GetInvitationQrKind:
    if value in GET_INVITATION_QR_KIND_VALUES:
        return value
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {GET_INVITATION_QR_KIND_VALUES!r}"
    )

"""What other rooms may do with faces and people; each concept has a file of its own."""

from backend.people.assigning import assign_people, assign_stale_photos
from backend.people.carrying import carry_people, photos_that_differ
from backend.people.erasing import erase_owner, erase_person, erase_photos
from backend.people.mending import mend_people
from backend.people.naming import (
    assign_face,
    assign_face_to_name,
    choose_cover,
    confirm_faces,
    forget_people,
    hide_person,
    move_face,
    name_face,
    name_person,
    reject_face,
    tell_apart,
)
from backend.people.proposing import decline, decline_split
from backend.people.recording import replace_faces
from backend.people.regrouping import merge_people, split_person, undo_regrouping

__all__ = [
    "assign_face",
    "assign_face_to_name",
    "assign_people",
    "assign_stale_photos",
    "carry_people",
    "choose_cover",
    "confirm_faces",
    "decline",
    "decline_split",
    "erase_owner",
    "erase_person",
    "erase_photos",
    "forget_people",
    "hide_person",
    "mend_people",
    "merge_people",
    "move_face",
    "name_face",
    "name_person",
    "photos_that_differ",
    "reject_face",
    "replace_faces",
    "split_person",
    "tell_apart",
    "undo_regrouping",
]

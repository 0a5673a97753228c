"""What models and their fields are called on a page.

The models say it in code; here they get names for people, in both languages. This sets what is
shown and nothing that a migration would see.
"""

from django.apps import apps

from admin.words import say

# app label -> its section
SECTIONS = {
    "photos": say("Library"),
    "people": say("Faces and people"),
    "albums": say("Albums"),
    "analysis": say("Analysis"),
    "wechat": say("WeChat"),
    "accounts": say("Accounts"),
    "leaving": say("Deleted accounts"),
}

# model -> one, several
MODELS = {
    "photos.Photo": (say("photo"), say("photos")),
    "photos.Tag": (say("tag"), say("tags")),
    "albums.Album": (say("album"), say("albums")),
    "people.Person": (say("person"), say("people")),
    "people.Face": (say("face"), say("faces")),
    "albums.Comment": (say("comment"), say("comments")),
    "albums.Invitation": (say("invitation"), say("invitations")),
    "albums.Link": (say("link"), say("links")),
    "analysis.Analysis": (say("analysis"), say("analyses")),
    "analysis.Label": (say("label"), say("labels")),
    "analysis.Batch": (say("batch"), say("batches")),
    "analysis.LabelVerdict": (say("verdict on a label"), say("verdicts on labels")),
    "wechat.PhotoCheck": (say("check of a photo"), say("checks of photos")),
    "wechat.TextCheck": (say("check of a text"), say("checks of texts")),
    "accounts.User": (say("user"), say("users")),
    "accounts.Token": (say("signed-in device"), say("signed-in devices")),
    "leaving.Deletion": (say("deleted account"), say("deleted accounts")),
}

# field, in whichever of the models above
FIELDS = {
    "album": say("album"),
    "allow_download": say("download"),
    "archived": say("archived"),
    "account_id": say("former account"),
    "author": say("author"),
    "asked_at": say("asked for"),
    "by_staff": say("by staff"),
    "confirmed_at": say("confirmed"),
    "erased_at": say("erased"),
    "remaining": say("remaining"),
    "photos_digest": say("SHA-256 of the photos' ids"),
    "removed": say("removed"),
    "attempts": say("attempts"),
    "budget": say("budget in dollars"),
    "code": say("code"),
    "cold_start": say("cold start"),
    "confirmed": say("confirmed"),
    "correct": say("right"),
    "cpu_ms": say("CPU time in ms"),
    "created_at": say("added"),
    "decided_at": say("decided"),
    "decided_by": say("decided by"),
    "description": say("description"),
    "detail": say("detail"),
    "device": say("device"),
    "dispatched_at": say("worker told"),
    "due_at": say("due"),
    "duration_ms": say("duration in ms"),
    "ended_at": say("ended"),
    "expires_at": say("expires"),
    "face_analysis": say("Face analysis"),
    "favorite": say("favourite"),
    "filename": say("file name"),
    "finished_at": say("finished"),
    "has_text": say("has text"),
    "hidden": say("hidden"),
    "input_sha256": say("SHA-256 of the input"),
    "kind": say("kind"),
    "kinds": say("kinds"),
    "language": say("language"),
    "lease_expires_at": say("lease expires"),
    "made_by": say("made by"),
    "max_uses": say("uses at most"),
    "max_views": say("views at most"),
    "memory_mb": say("memory in MB"),
    "model": say("model"),
    "moderation_verdict": say("moderation"),
    "name_zh": say("Chinese name"),
    "owner": say("owner"),
    "person": say("person"),
    "photo": say("photo"),
    "prefix": say("folder"),
    "quality": say("quality"),
    "queued_at": say("queued"),
    "quota_bytes": say("quota"),
    "request_id": say("request"),
    "role": say("role"),
    "runtime": say("runtime"),
    "score": say("score"),
    "show_location": say("locations"),
    "stage": say("stage"),
    "started_at": say("started"),
    "state": say("state"),
    "status": say("state"),
    "taken_at": say("taken"),
    "text": say("text"),
    "total": say("total"),
    "title": say("title"),
    "user": say("user"),
    "uses": say("uses"),
    "views": say("views"),
    "weights_sha256": say("SHA-256 of the weights"),
    "analysis": say("analysis"),
    "name": say("name"),
}


def give_names() -> None:
    """Every page calls models and fields by these names. Safe to run twice."""
    for label, section in SECTIONS.items():
        apps.get_app_config(label).verbose_name = section
    for path, (one, several) in MODELS.items():
        model = apps.get_model(path)
        model._meta.verbose_name, model._meta.verbose_name_plural = one, several
        for field in model._meta.get_fields():
            if field.name in FIELDS and hasattr(field, "verbose_name"):
                field.verbose_name = FIELDS[field.name]

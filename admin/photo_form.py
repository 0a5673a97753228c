"""What an owner may change of a photo."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django import forms

from admin.words import say
from backend.photos.models import Photo
from backend.photos.services import PHOTO_YEARS

if TYPE_CHECKING:
    _PhotoModelForm = forms.ModelForm[Photo]
else:
    _PhotoModelForm = forms.ModelForm


class PhotoForm(_PhotoModelForm):
    latitude = forms.FloatField(min_value=-90, max_value=90, required=False, label=say("Latitude"))
    longitude = forms.FloatField(
        min_value=-180, max_value=180, required=False, label=say("Longitude")
    )

    class Meta:
        model = Photo
        fields = ("description", "taken_at", "favorite", "archived", "latitude", "longitude")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def clean_taken_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["taken_at"]
        if moment is not None and moment.year not in PHOTO_YEARS:
            raise forms.ValidationError(say("There are no photos of that year."))
        return moment

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if (cleaned.get("latitude") is None) != (cleaned.get("longitude") is None):
            raise forms.ValidationError(say("A place needs both latitude and longitude."))
        return cleaned


def changes_of(form: PhotoForm) -> dict[str, object]:
    """What was changed, as photos.services.update_photo takes it."""
    given, changed = form.cleaned_data, set(form.changed_data)
    changes: dict[str, object] = {
        name: given[name]
        for name in ("description", "taken_at", "favorite", "archived")
        if name in changed
    }
    if changed & {"latitude", "longitude"}:
        place = {"latitude": given["latitude"], "longitude": given["longitude"]}
        changes["location"] = None if given["latitude"] is None else place
    return changes

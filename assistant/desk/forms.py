"""What an agent may change about their own account."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from assistant.desk import avatars
from assistant.models import User

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm


class ProfileForm(UserForm):
    """The name and picture that customers see."""

    picture = forms.FileField(
        required=False, help_text="PNG, JPEG or WebP, at most 512 KB. Without one, your initials."
    )
    remove_picture = forms.BooleanField(required=False)

    class Meta:
        model = User
        fields = ("display_name",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].widget.attrs["accept"] = "image/png,image/jpeg,image/webp"
        self.before = self.instance.avatar
        if not self.before:
            del self.fields["remove_picture"]

    def clean_picture(self) -> "UploadedFile[bytes] | None":
        """Store the picture when it is one."""
        upload: UploadedFile[bytes] | None = self.cleaned_data["picture"]
        try:
            if upload:
                self.instance.avatar = avatars.keep(upload)
        except avatars.NotAPicture as refusal:
            raise forms.ValidationError(str(refusal)) from None
        return upload

    def save(self, commit: bool = True) -> User:
        """Keep the name and the new picture; the one before is deleted."""
        user = self.instance
        if self.cleaned_data.get("remove_picture") and not self.cleaned_data["picture"]:
            user.avatar = ""
        user.save(update_fields=["display_name", "avatar"])
        if self.before and self.before != user.avatar:
            avatars.discard(self.before)
        return user


class PreferencesForm(UserForm):
    """The switches of the account menu."""

    class Meta:
        model = User
        fields = ("available", "sound", "notifications")

"""What an agent may change about their own account."""

from typing import TYPE_CHECKING

from django import forms

from assistant.models import User

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:
    UserForm = forms.ModelForm


class ProfileForm(UserForm):
    """The name that customers see."""

    class Meta:
        model = User
        fields = ("display_name",)


class PreferencesForm(UserForm):
    """The switches of the account menu."""

    class Meta:
        model = User
        fields = ("available", "sound", "notifications")

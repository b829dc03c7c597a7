"""Form fields of the admin: lists with one entry a line, exact origins, colours."""

import re
from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import UnfoldAdminColorInputWidget, UnfoldAdminTextareaWidget

from assistant.origins import NotAnOrigin, exact_origins

COLOUR = re.compile(r"^#[0-9a-f]{6}$")


def lines_of(text: str) -> list[str]:
    """The lines of a text that hold something, trimmed."""
    return [line.strip() for line in text.splitlines() if line.strip()]


class LinesField(forms.CharField):
    """A list of strings edited as a text with one entry a line; `parse` may raise ValueError in plain words."""

    def __init__(self, *, parse: Callable[[str], list[str]] = lines_of, rows: int = 4, **options: Any) -> None:
        self.parse = parse
        widget = UnfoldAdminTextareaWidget(attrs={"rows": rows})
        super().__init__(**{"widget": widget, "required": False, **options})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        try:
            return self.parse(super().clean(value))
        except NotAnOrigin as error:
            raise ValidationError(str(error).splitlines()) from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def origins_field(**options: Any) -> LinesField:
    """A field for the exact origins that may show a widget."""
    return LinesField(parse=exact_origins, **options)


class ColourField(forms.CharField):
    """A colour as #rrggbb."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"widget": UnfoldAdminColorInputWidget(attrs={"type": "color"}), **options})

    def clean(self, value: Any) -> str:
        colour = str(super().clean(value)).lower()
        if not COLOUR.match(colour):
            raise ValidationError("Write the colour as #rrggbb, such as #3b5bdb.")
        return colour

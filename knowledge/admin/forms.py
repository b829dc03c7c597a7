"""Forms of the knowledge pages."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextareaWidget

from knowledge.models import Collection, Document

MAX_FILES = 100


def focus_first_error(form: forms.Form) -> None:
    """Let the page begin at the first field that is to be mended, if any is."""
    wrong = next((name for name in form.fields if name in form.errors), None)
    if wrong:
        form.fields[wrong].widget.attrs["autofocus"] = True


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One file or several, as a list."""

    def __init__(self, **options: Any) -> None:
        accept = ".md,.mdx,.html,.htm,.txt,.zip,.tar.gz,.tgz,.gz"
        # An empty file is refused by the import, by its name, and keeps none of the others out.
        own = {"widget": FilesInput(attrs={"accept": accept}), "allow_empty_file": True}
        super().__init__(**{**own, **options})

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        files = data if isinstance(data, list) and data else [data]
        if len(files) > MAX_FILES:
            raise forms.ValidationError(f"{len(files)} files are too many at once: upload a .zip of them instead.")
        return [super(FilesField, self).clean(file, initial) for file in files]


class UploadForm(forms.Form):
    uploads = FilesField(label="Files")
    collection = forms.ModelChoiceField(Collection.objects.order_by("name"), empty_label="Choose a collection")

    def __init__(self, *args: Any, **options: Any) -> None:
        """Chosen by who uploads, where there are several: in another widget's nobody would find the articles."""
        super().__init__(*args, **options)
        only = list(Collection.objects.values_list("pk", flat=True)[:2])
        if len(only) == 1:
            self.initial.setdefault("collection", only[0])


class ArticleForm(forms.ModelForm):  # type: ignore[type-arg]
    """An article as Markdown. Its title is its own field, so the text need not repeat it."""

    class Meta:
        model = Document
        fields = ["title", "collection", "text", "url", "locale", "audience"]
        widgets = {"text": UnfoldAdminTextareaWidget(attrs={"rows": 24, "spellcheck": "true"})}
        labels = {"text": "Article", "url": "Public address", "locale": "Language"}
        help_texts = {
            "text": "Markdown: headings, lists, tables, links and code.",
            "url": "Where the article stands on your own site; citations lead there. "
            "Empty: they lead to this server's help pages.",
            "locale": "Such as en or pt-BR. Empty: told from the text, else the collection's.",
            "audience": "Whom it is written for, as a note. To hide an article from customers, unpublish it.",
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["locale"].required = False

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        if url and not url.lower().startswith(("http://", "https://")):
            raise forms.ValidationError("Start the address with https:// or http://.")
        return url

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if not text.strip():
            raise forms.ValidationError("Write the article first: without text there is nothing to answer from.")
        return text

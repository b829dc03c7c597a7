"""Agents' pictures: stored under random names, served to customers, never as anything but a picture."""

import secrets
from pathlib import Path

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.urls import reverse

LARGEST_BYTES = 512 * 1024
TYPES = {"png": "image/png", "jpg": "image/jpeg", "webp": "image/webp"}


class NotAPicture(Exception):
    """The upload is too large or of another kind; the text says which kinds are taken."""


def keep(upload: "UploadedFile[bytes]") -> str:
    """Store a picture and give its address on this server. Raises NotAPicture."""
    if (upload.size or 0) > LARGEST_BYTES:
        raise NotAPicture("The picture is larger than 512 KB.")
    content = upload.read()
    kind = kind_of(content)
    if kind is None:
        raise NotAPicture("Choose a PNG, JPEG or WebP picture.")
    name = f"{secrets.token_urlsafe(16)}.{kind}"
    folder().mkdir(parents=True, exist_ok=True)
    (folder() / name).write_bytes(content)
    return reverse("desk:avatar", args=[name])


def discard(address: str) -> None:
    """Delete the picture behind an address that `keep` gave; other addresses are left alone."""
    if Path(address).parent == Path(reverse("desk:avatar", args=["any"])).parent:
        (folder() / Path(address).name).unlink(missing_ok=True)


def kind_of(content: bytes) -> str | None:
    """png, jpg or webp by the first bytes; None for everything else, whatever its name says."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if content.startswith(b"\xff\xd8\xff"):
        return "jpg"
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else None


def folder() -> Path:
    return Path(settings.MEDIA_ROOT) / "avatars"

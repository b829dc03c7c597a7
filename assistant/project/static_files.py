"""Our own scripts and styles travel without comments and white space, from copies that are made at the start."""

import io
import os
import tempfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import rcssmin
import rjsmin
import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware

log = structlog.get_logger(__name__)

SOURCES = settings.BASE_DIR / "static"
# As others publish them.
VENDOR = SOURCES / "vendor"
MINIFIERS: dict[str, Callable[[str], str]] = {".js": rjsmin.jsmin, ".css": rcssmin.cssmin}
VERSIONS = f"{rjsmin.__version__} {rcssmin.__version__}"


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """WhiteNoise, with ours minified. A copy has the date of its source, by which browsers ask again."""

    def get_static_file(self, path: str, url: str, stat_cache: Any = None) -> Any:
        """See WhiteNoise."""
        source = Path(path)
        if source.suffix not in MINIFIERS or not source.is_relative_to(SOURCES) or source.is_relative_to(VENDOR):
            return super().get_static_file(path, url, stat_cache)
        try:
            copy = minified_copy(source, settings.DATA_DIR / "minified")
        except OSError as error:
            log.warning("not_minified", file=source.name, error=repr(error))
            return super().get_static_file(path, url, stat_cache)
        return super().get_static_file(str(copy), url)

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:
        """In one piece: the files are small, and one that is read bit by bit Django serves with a warning."""
        found = static_file.get_response(request.method, request.META)
        with found.file or io.BytesIO() as file:
            whole = HttpResponse(file.read(), status=int(found.status))
        del whole.headers["Content-Type"]
        for name, value in found.headers:
            whole.headers[name] = value
        return whole


def minified_copy(source: Path, folder: Path) -> Path:
    """The file minified, in one of the folder that is named after what made it; made unless it is there."""
    text = source.read_text(encoding="utf-8")
    copy = folder / f"{sha256(f'{VERSIONS} {text}'.encode()).hexdigest()[:32]}{source.suffix}"
    changed = source.stat().st_mtime
    if not copy.exists() or copy.stat().st_mtime != changed:
        folder.mkdir(parents=True, exist_ok=True)
        # Others may be making the same one.
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=folder, delete=False) as written:
            written.write(MINIFIERS[source.suffix](text))
        os.utime(written.name, (changed, changed))
        made = Path(written.name)
        made.chmod(0o644)  # another user may serve it after us
        made.replace(copy)
    return copy

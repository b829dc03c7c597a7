"""What is shown where a page failed: to everybody, and of settings on Django's own page for developers."""

import re
import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.debug import SafeExceptionReporterFilter

from assistant.api.errors import RETRY_AFTER_SECONDS
from assistant.events.threads import is_away

# Such as smtp://user:password@host, or small@https://key@host/v1.
_WITH_CREDENTIALS = re.compile(r"://.*@", re.S)


class WithoutCredentials(SafeExceptionReporterFilter):
    """Hides addresses that hold a key or a password too, whatever the setting is called."""

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """The value as it may be shown."""
        if isinstance(value, str) and _WITH_CREDENTIALS.search(value):
            return self.cleansed_substitute
        return super().cleanse_setting(key, value)


def server_error(request: HttpRequest) -> HttpResponse:
    """The page in place of one that failed: 503 where the database is away for a moment, else 500."""
    away = is_away(sys.exc_info()[1])
    # Without the request: what pages know of it, such as who is logged in, is asked of the database.
    response = HttpResponse(render_to_string("500.html", {"away": away}), status=503 if away else 500)
    response["Cache-Control"] = "no-store"
    if away:
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response

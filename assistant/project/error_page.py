"""What Django's error page shows of settings."""

import re
from typing import Any

from django.views.debug import SafeExceptionReporterFilter

# Such as smtp://user:password@host, or small@https://key@host/v1.
_WITH_CREDENTIALS = re.compile(r"://.*@", re.S)


class WithoutCredentials(SafeExceptionReporterFilter):
    """Hides addresses that hold a key or a password too, whatever the setting is called."""

    def cleanse_setting(self, key: Any, value: Any) -> Any:
        """The value as it may be shown."""
        if isinstance(value, str) and _WITH_CREDENTIALS.search(value):
            return self.cleansed_substitute
        return super().cleanse_setting(key, value)

"""How the admin looks and what its sidebar holds, in the order an admin thinks: knowledge, chat, people.

The colours are those of static/shared/tokens.css: the framework wants its own scale of eleven steps.
"""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import lazy

NEUTRAL = {
    "50": "#f8f9fb",
    "100": "#f1f2f5",
    "200": "#dfe1e7",
    "300": "#c2c6d0",
    "400": "#a8adb9",
    "500": "#656b79",
    "600": "#565c69",
    "700": "#4a4e57",
    "800": "#303339",
    "900": "#18191d",
    "950": "#121316",
}
ACCENT = {
    "50": "#eef1fd",
    "100": "#dfe5fb",
    "200": "#c3cdf7",
    "300": "#a9b8ff",
    "400": "#91a4ff",
    "500": "#8296f5",
    "600": "#3b5bdb",
    "700": "#3653c9",
    "800": "#2c44a4",
    "900": "#263a86",
    "950": "#1f2744",
}


# Settings are read by processes that show no page: what addresses need is imported when one is asked for, 11 MB.
def _address(url_name: str) -> Any:
    def resolve() -> str:
        from django.urls import reverse

        return reverse(url_name)

    return lazy(resolve, str)()


def _static(path: str) -> str:
    from django.templatetags.static import static

    return static(path)


def _item(title: str, icon: str, url_name: str) -> dict[str, Any]:
    return {"title": title, "icon": icon, "link": _address(url_name)}


def _among_imports(request: HttpRequest) -> bool:
    """Whether a page of imports is open; the upload's address begins like theirs."""
    imports, upload = _address("admin:knowledge_importrun_changelist"), _address("admin:knowledge_importrun_upload")
    return request.path.startswith(str(imports)) and request.path != str(upload)


NAVIGATION = [
    {"items": [_item("Overview", "home", "admin:index")]},
    {
        "title": "Knowledge",
        "separator": True,
        "items": [
            _item("Upload articles", "upload_file", "admin:knowledge_importrun_upload"),
            _item("Articles", "article", "admin:knowledge_document_changelist"),
            _item("Collections", "folder_open", "admin:knowledge_collection_changelist"),
            _item("Sources", "source", "admin:knowledge_source_changelist"),
            {**_item("Imports", "history", "admin:knowledge_importrun_changelist"), "active": _among_imports},
            _item("Try a question", "quiz", "insights:try"),
        ],
    },
    {
        "title": "Chat",
        "separator": True,
        "items": [
            _item("Widgets", "chat_bubble", "admin:assistant_widget_changelist"),
            _item("Escalation rules", "rule", "admin:assistant_escalationrule_changelist"),
            _item("Conversations", "forum", "admin:assistant_conversation_changelist"),
            _item("E-mails", "mail", "admin:assistant_outgoing_changelist"),
        ],
    },
    {
        "title": "People",
        "separator": True,
        "items": [
            _item("Users", "group", "admin:assistant_user_changelist"),
            _item("API keys", "key", "admin:assistant_apikey_changelist"),
        ],
    },
]

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Answerdesk",
    "SITE_HEADER": "Answerdesk",
    "SITE_SUBHEADER": "Administration",
    "SITE_SYMBOL": "support_agent",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: _static("pages/mark.svg")}],
    "SITE_URL": "/desk/",
    "SITE_DROPDOWN": [
        {"icon": "inbox", "title": "Desk", "link": "/desk/"},
        {"icon": "chat", "title": "Demo site", "link": "/"},
    ],
    "BORDER_RADIUS": "6px",
    "COLORS": {"base": NEUTRAL, "primary": ACCENT},
    "SHOW_HISTORY": False,
    "DASHBOARD_CALLBACK": "assistant.admin.dashboard.context",
    "STYLES": [
        lambda request: _static("shared/tokens.css"),
        lambda request: _static("shared/how.css"),
        lambda request: _static("admin/answerdesk.css"),
    ],
    "LOGIN": {"redirect_after": _address("admin:index")},
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}

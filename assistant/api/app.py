"""The REST API, version 1: its operations, and its description at openapi.json."""

from ninja import NinjaAPI

from assistant.api import articles, ask, conversations, errors
from assistant.api.auth import KeyAuth

api = NinjaAPI(
    title="Answerdesk",
    version="1",
    description="Ask questions, keep articles in step, read conversations. Every error is "
    '`{"error": {"code", "message"}}`.',
    urls_namespace="api",
    docs_url=None,
    auth=KeyAuth(),
)
errors.install(api)
api.add_router("/ask", ask.router)
api.add_router("/articles", articles.router)
api.add_router("/conversations", conversations.router)

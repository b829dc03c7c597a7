"""Who may call the API: the holder of a key, for the collection that the key is for."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from assistant import keys
from assistant.api.errors import not_found
from assistant.events.threads import in_front_thread
from assistant.models import ApiKey
from knowledge.models import Collection

DEFAULT_COLLECTION = "default"


class KeyAuth(HttpBearer):
    """`Authorization: Bearer ak_…`; the key is the operation's `request.auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        return keys.find(token)


class AsyncKeyAuth(HttpBearer):
    """The same for asynchronous operations: the look-up gives its connection back before a model is called."""

    async def authenticate(self, request: HttpRequest, token: str) -> ApiKey | None:
        return await in_front_thread(keys.find, token)


def key_of(request: HttpRequest) -> ApiKey:
    """The key that a request was authenticated with."""
    key = getattr(request, "auth", None)
    if not isinstance(key, ApiKey):
        raise TypeError("the operation is not behind a key")
    return key


def collection_for(key: ApiKey, slug: str | None) -> Collection:
    """The collection that a request is about: the named one, else the key's own, else `default`.

    Raises 404 when it does not exist or is not the key's.
    """
    if slug is None and key.collection:
        return key.collection
    collection = Collection.objects.filter(slug=slug or DEFAULT_COLLECTION).first()
    if collection is None or key.collection_id not in (None, collection.pk):
        raise not_found("collection")
    return collection

from asgiref.sync import async_to_sync

from assistant.answering import acts, wording
from assistant.answering.warming import warm
from assistant.beginnings import DEMO_CLIENT_ID
from assistant.conversations import services
from assistant.models import Turn
from knowledge.embedding import embedder_named
from tests.cast import client_id, make_visitor, make_widget


def embedded() -> int:
    """Questions that the local model has embedded."""
    info = embedder_named("local").embed_query.cache_info()
    return info.hits + info.misses


def test_what_answers_is_loaded_without_asking_the_model(shop, model_server):
    wording.tables.cache_clear()
    acts.learned.cache_clear()
    before = embedded()
    async_to_sync(warm)()
    assert wording.tables.cache_info().currsize == acts.learned.cache_info().currsize == 1
    assert embedded() > before
    assert model_server.prompts == []
    assert not Turn.objects.exists()


def test_in_passages_mode_nothing_is_loaded_until_somebody_asks(shop):
    widget = make_widget()
    services.accept_message(None, make_visitor(widget).session, str(DEMO_CLIENT_ID), "What the demo asks")
    before = embedded()
    async_to_sync(warm)()
    assert embedded() == before
    services.accept_message(None, make_visitor(widget).session, client_id(), "What a customer asks")
    async_to_sync(warm)()
    assert embedded() > before

"""Many writers of one conversation, and agents who want the same one."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from assistant.conversations import services
from assistant.conversations.messages import new_conversation
from assistant.models import Conversation, Event, Message
from tests.cast import client_id, make_agent, make_visitor, make_widget

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(function, arguments):
    """Call the function with each argument from threads of their own; what each gave or raised."""

    def call(argument):
        try:
            return function(argument)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=8) as threads:
        return list(threads.map(call, arguments))


def test_fifty_writers_make_one_gapless_log():
    visitor = make_visitor(make_widget())
    conversation = new_conversation(visitor.session, "en")
    ids = [client_id() for _ in range(50)]

    def send(known):
        return services.accept_message(conversation, visitor.session, known, f"from {known}")

    results = at_once(send, ids * 2)
    assert [str(error) for error in results if isinstance(error, Exception)] == []
    assert Message.objects.count() == 50
    assert list(Event.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 51))
    assert Conversation.objects.get().turns.count() == 1


def test_one_of_two_agents_gets_it():
    visitor = make_visitor(make_widget())
    conversation = services.accept_message(None, visitor.session, client_id(), "hi").message_event.conversation
    agents = [make_agent(f"agent{number}") for number in range(8)]
    results = at_once(lambda agent: services.take_over(conversation.id, agent), agents)
    refused = [result for result in results if isinstance(result, services.AlreadyTaken)]
    assert len(refused) == 7
    assert Event.objects.filter(type="conversation.updated").count() == 1

"""Many writers of one conversation, and agents who want the same one."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from assistant.conversations import services
from assistant.conversations.messages import new_conversation
from assistant.models import Conversation, Event, Message
from tests.cast import client_id, make_agent, make_visitor, make_widget

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(function, arguments, threads=8):
    """Call the function with each argument from threads of their own; what each gave or raised."""

    def call(argument):
        try:
            return function(argument)
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=threads) as several:
        return list(several.map(call, arguments))


@pytest.mark.timeout(1200)
def test_fifty_writers_make_one_gapless_log(whole):
    """Whoever reads on from where they were misses nothing. 200 messages each with --whole, else one."""
    visitor = make_visitor(make_widget())
    conversation = new_conversation(visitor.session, "en")
    ids = [client_id() for _ in range(50 * (200 if whole else 1))]
    written = threading.Event()

    def send(known):
        return services.accept_message(conversation, visitor.session, known, f"from {known}")

    def read_on(reader):
        seen = []
        while True:
            last = written.is_set()
            seen += Event.objects.filter(seq__gt=len(seen)).order_by("seq").values_list("seq", flat=True)
            if last:
                return seen

    with ThreadPoolExecutor() as readers:
        read = readers.submit(at_once, read_on, range(2))
        results = at_once(send, ids * 2, threads=5)
        written.set()
    assert [str(error) for error in results if isinstance(error, Exception)] == []
    assert Message.objects.count() == len(ids)
    gapless = list(range(1, len(ids) + 1))
    assert [*read.result(), list(Event.objects.order_by("seq").values_list("seq", flat=True))] == [gapless] * 3
    assert Conversation.objects.get().turns.count() == 1


@pytest.mark.timeout(600)
def test_one_of_two_agents_gets_it(whole):
    """20 agents want each of 100 conversations with --whole, else 8 want one."""
    widget = make_widget()
    agents = [make_agent(f"agent{number}") for number in range(20 if whole else 8)]
    for _ in range(100 if whole else 1):
        session = make_visitor(widget).session
        wanted = services.accept_message(None, session, client_id(), "hi").message_event.conversation
        results = at_once(lambda agent, wanted=wanted: services.take_over(wanted.id, agent), agents)
        refused = [result for result in results if isinstance(result, services.AlreadyTaken)]
        assert len(refused) == len(agents) - 1
        assert Event.objects.filter(conversation=wanted, type="conversation.updated").count() == 1

"""A customer asks, leaves an address and goes: the answer comes by e-mail, over a real mail server, once."""

import asyncio
import uuid

from assistant.conversations import mailing
from assistant.events.threads import in_thread
from assistant.models import Outgoing
from tests.cast import make_widget
from tests.contract.client import opened
from tests.contract.conftest import publish_articles
from tests.contract.mail_server import mail_server
from tests.contract.server import web_process

QUESTION = "How do I reset the blue kettle?"
PAGE = "https://shop.example/kettles"


async def owed():
    for _ in range(400):
        if await in_thread(Outgoing.objects.exists):
            return
        await asyncio.sleep(0.1)
    raise AssertionError("no answer was to be mailed")


async def leave_an_address(client):
    client_id = str(uuid.uuid4())
    await client.send("contact.send", client_id=client_id, email="ada@example.org", page=f"{PAGE}?token=1")
    saved = await client.until("contact.saved")
    assert (saved["client_id"], saved["email"]) == (client_id, "ada@example.org")


async def test_the_answer_follows_who_left_by_mail_once(database, model, settings):
    await in_thread(publish_articles)
    widget = await in_thread(make_widget, allowed_origins=["https://shop.example"])
    model.set(first=3.0)
    # So it is said to be late, and mailed whether the last pulse saw the customer or not.
    late = {"SLOW_NOTICE_SECONDS": "1.5"}
    with web_process(OPENAI_BASE_URL=model.base_url, LLM_MODEL="echo", MAIL_AFTER_SECONDS="0", **late) as running:
        async with opened(running.address, widget.key) as (client, _):
            await client.say(QUESTION)
            await leave_an_address(client)
        await owed()
    with mail_server() as mailbox:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
        assert await in_thread(mailing.send_due) == 1
        assert await in_thread(mailing.send_due) == 0
    [letter] = mailbox.received
    assert letter["To"] == "ada@example.org"
    assert letter["Message-ID"].startswith("<")
    assert letter["Auto-Submitted"] == "auto-replied"
    for kind in ("plain", "html"):
        part = letter.get_body((kind,)).get_content()
        assert QUESTION in part
        assert "/help/default/kettle" in part
        assert PAGE in part
        assert "token" not in part

from collections.abc import Callable

import pytest
from asgiref.sync import async_to_sync

from assistant.answering import pipeline
from assistant.answers import Answer, Delta, Question, Said, Status
from knowledge.indexing import index_documents
from tests.knowledge.library import article

RESET = """To reset your board, follow these steps:

1. Unplug the USB cable.
2. Press and hold the **RESET** button.
3. Plug the cable in again while you hold it.

![A hand on a button](img/button.png)

If the light stays red, the bootloader is damaged. Read [how to burn it](https://help.example/burn) first.
"""
SHIPPING = """We ship to these countries:

| Country | Days | Price |
|---------|------|-------|
| Italy   | 2    | 5 EUR |
| Norway  | 6    | 19 EUR |

## Returns

You can return an order within 30 days. Write to returns@shop.example and keep the parcel closed.
"""


@pytest.fixture
def shop(transactional_db: None) -> None:
    """A small help centre, answerable."""
    index_documents([article("reset-board", RESET), article("shipping", SHIPPING, title="Shipping and returns")])


Asked = tuple[Answer, list[Status | Delta]]


@pytest.fixture
def ask(shop: None) -> Callable[..., Asked]:
    """Asks the small help centre: the answer, and every event before it."""

    def asked(
        text: str,
        history: tuple[Said, ...] = (),
        collection: str = "shop",
        seconds: float | None = None,
        **fields: object,
    ) -> Asked:
        events: list[Status | Delta] = []

        async def on_event(event: Status | Delta) -> None:
            events.append(event)

        question = Question(text=text, collection=collection, history=history, **fields)  # type: ignore[arg-type]
        return async_to_sync(pipeline.answer)(question, on_event, seconds), events

    return asked

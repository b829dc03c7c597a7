"""Customers who write without end: patient ones and others, with one device or two, some of whom leave."""

import asyncio
import contextlib
import math
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic

from tests.faults.agents import Agent
from tests.faults.customers import Customer

MESSAGES_A_CONVERSATION = 8
# Enough that many can wait while the others go on.
WRITERS_FOR_EACH_A_SECOND = 8
PATIENCE_SECONDS = 150.0
BURST = 5
# Shares of what customers do besides asking and waiting for the answer.
IMPATIENT, STOPS, ASKS_FOR_A_PERSON, TAKEN_OVER = 0.2, 0.03, 0.03, 0.05
IS_MAILED, LEAVES, SECOND_DEVICE = 0.03, 0.05, 0.1
AWAY_SECONDS = (1.0, 20.0)
# Of an agent, to each of which the customer says something.
REPLIES = 2
QUESTIONS = (
    "How do I put the chat on my website?",
    "Can I import a folder of Markdown files?",
    "What should I back up?",
    "How does an agent hand a conversation back?",
    "Which colour does the moon have on Tuesdays?",
)
GREETINGS = ("Hello", "Thanks")


@dataclass
class Load:
    """What is sent, and by whom. Goes on until at least `messages` were sent and `enough` is set.

    `head_of` tells the newest event's number of a conversation as it is stored, or None while that cannot be known.
    """

    address: str
    widget: str
    messages: int
    a_second: float
    agent: Agent
    head_of: Callable[[str], Awaitable[int | None]]
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    sent: int = 0
    customers: list[Customer] = field(default_factory=list)
    readers: list[Customer] = field(default_factory=list)
    waited_in_vain: list[str] = field(default_factory=list)
    _next_at: float = 0.0

    @property
    def over(self) -> bool:
        return self.sent >= self.messages and self.enough.is_set()

    @property
    def answered(self) -> int:
        """How many outcomes were seen."""
        return sum(len(customer.ended_at) for customer in tuple(self.customers))

    def owes(self, since: float) -> bool:
        """Whether something that was sent before `since` of time.monotonic() is waited for."""
        here = [customer for customer in self.customers if customer.here]
        return any(customer.sent_at[client_id] < since for customer in here for client_id in customer.unacknowledged)

    async def run(self, seed: int) -> None:
        """Until it is over, and everybody has their answers."""
        writers = math.ceil(WRITERS_FOR_EACH_A_SECOND * self.a_second)
        async with self.agent.present():
            await asyncio.gather(*(self._write(random.Random(seed + number)) for number in range(writers)))

    async def _may_send(self) -> bool:
        """True once it is time for another message; False when all are sent."""
        now = monotonic()
        self._next_at = max(self._next_at, now - BURST / self.a_second) + 1 / self.a_second
        await asyncio.sleep(self._next_at - now)
        if self.over:
            return False
        self.sent += 1
        return True

    async def _write(self, chance: random.Random) -> None:
        while not self.over:
            customer = Customer(self.address, self.widget)
            self.customers.append(customer)
            async with customer.present():
                await self._converse(customer, chance)

    async def _converse(self, customer: Customer, chance: random.Random) -> None:
        async with contextlib.AsyncExitStack() as other_devices:
            for _ in range(MESSAGES_A_CONVERSATION):
                if not await self._may_send():
                    break
                said = chance.choice((*QUESTIONS, *GREETINGS))
                client_id = await (customer.say(said) if said in GREETINGS else customer.ask(said))
                await self._until(lambda sent=client_id: sent in customer.acknowledged, "a message is acknowledged")
                if len(customer.acknowledged) == 1 and chance.random() < SECOND_DEVICE:
                    await other_devices.enter_async_context(self._read_along(customer))
                turn = customer.turn_of(client_id)
                if turn is None or not await self._go_on(customer, client_id, turn, chance):
                    break
            if customer.mailbox:
                return  # the answer follows by mail
            turns = customer.turns()
            await self._until(lambda: all(map(customer.outcome, turns)), "every turn has its outcome")
            await self._see_the_end(customer)

    async def _see_the_end(self, customer: Customer) -> None:
        """Nobody leaves before all that is stored was shown, rung or not: what is not shown for long is missed."""
        deadline = monotonic() + PATIENCE_SECONDS
        while customer.acknowledged:
            head = await self.head_of(str(customer.conversation))
            if head is not None and len(customer.log) >= head:
                return
            if monotonic() > deadline:
                customer.missed(head)
                return
            await asyncio.sleep(1)

    async def _go_on(self, customer: Customer, client_id: str, turn: str, chance: random.Random) -> bool:
        """What a customer does about an answer; False when that was all."""
        drawn = chance.random()
        if (drawn := drawn - IMPATIENT) < 0:
            return True
        if (drawn := drawn - STOPS) < 0:
            await self._until(lambda: customer.in_mid_answer(client_id) or customer.outcome(turn), "text is shown")
            await customer.stop(turn)
        elif (drawn := drawn - ASKS_FOR_A_PERSON) < 0:
            await self._done(customer, await customer.ask_for_a_person())
            await self._done(customer, await customer.go_back_to_the_assistant())
        elif (drawn := drawn - TAKEN_OVER) < 0:
            await self._until(lambda: customer.in_mid_answer(client_id) or customer.outcome(turn), "text is shown")
            try:
                async with asyncio.timeout(2 * PATIENCE_SECONDS):
                    await self._talk_to_a_person(customer)
            except TimeoutError:
                self.waited_in_vain.append("the desk does what an agent asks")
        elif (drawn := drawn - IS_MAILED) < 0 and self.sent < self.messages / 2:  # a mail takes two minutes
            await self._done(customer, await customer.leave_an_address())
            return False
        elif drawn - LEAVES < 0:
            await self._until(lambda: customer.in_mid_answer(client_id) or customer.outcome(turn), "text is shown")
            away = chance.uniform(*AWAY_SECONDS)
            await customer.leave(away)
            await asyncio.sleep(away)  # who is away says nothing
        await self._until(lambda: customer.outcome(turn), "a turn has its outcome")
        return True

    async def _talk_to_a_person(self, customer: Customer) -> None:
        """Who takes over, is written to meanwhile, and hands back."""
        conversation = str(customer.conversation)
        await self.agent.take_over(conversation)
        customer.taken_over += 1
        for number in range(REPLIES):
            text = f"I am a person, and this is my word {number} in {conversation}, time {customer.taken_over}."
            customer.untold.append(text)
            await self.agent.reply(conversation, text)
            customer.untold.remove(text)
            customer.told.append(text)
            await self._done(customer, await customer.ask(QUESTIONS[number]))
        await self._until(lambda: customer.heard_all, "an agent's words arrive")
        await self.agent.hand_back(conversation)
        await self._until(lambda: customer.status == "assistant", "the assistant is back")

    async def _done(self, customer: Customer, client_id: str) -> None:
        await self._until(lambda: client_id in customer.acknowledged, "a request is acknowledged")

    @contextlib.asynccontextmanager
    async def _read_along(self, customer: Customer) -> AsyncIterator[None]:
        """The same conversation on another device, to its end."""
        reader = Customer(self.address, self.widget, customer.session, customer.conversation)
        reader.told, reader.untold = customer.told, customer.untold
        self.readers.append(reader)
        async with reader.present():
            yield
            await self._until(lambda: len(reader.log) >= len(customer.log), "a second device sees it all")

    async def _until(self, look: Callable[[], bool], what: str) -> None:
        """Wait, but not for ever: what never comes is noted, and the others go on."""
        deadline = monotonic() + PATIENCE_SECONDS
        while not look():
            if monotonic() > deadline:
                self.waited_in_vain.append(what)
                return
            await asyncio.sleep(0.05)

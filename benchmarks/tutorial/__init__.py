"""The chat that tutorials write, to compare with: Django, Channels, pgvector and the openai client as shipped.

It speaks as much of the chat protocol as benchmarks/first_token.py needs. A message is kept by the ORM, embedded by the
local model as its package has it, on one thread, answered from the five nearest chunks, and handed on piece by piece;
then the answer is kept. Nothing is resumed, understood, ranked, checked, fenced or handed over. Connections are kept,
which is kinder than Django's default.

`python -m benchmarks.tutorial` makes its tables from the product's chunks, `uvicorn
benchmarks.tutorial.asgi:application` serves it; DJANGO_SETTINGS_MODULE, TUTORIAL_DATABASE, OPENAI_BASE_URL and
LLM_MODEL are set by whoever measures.
"""

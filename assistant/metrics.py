"""Counters and histograms that any part may count on; every process's are added up at /metrics.

Nothing here may be read back by the product: rows are the truth, these are for watching.
"""

from prometheus_client import Counter, Gauge, Histogram

LATENCY_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 45, 60)
RETRIEVAL_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2)

http_requests = Counter("answerdesk_http_requests", "HTTP requests answered.", ["method", "status"])
http_seconds = Histogram("answerdesk_http_request_seconds", "From request to last byte.", buckets=LATENCY_SECONDS)
websockets_open = Gauge("answerdesk_websockets_open", "Open WebSockets.", ["path"], multiprocess_mode="livesum")
websockets_closed = Counter("answerdesk_websockets_closed", "WebSockets that ended, by close code.", ["path", "code"])
websocket_frames = Counter("answerdesk_websocket_frames", "Frames by direction.", ["path", "direction"])

messages = Counter("answerdesk_messages", "Messages stored, by author kind.", ["role"])
turns = Counter("answerdesk_turns", "Turns that got their outcome.", ["decision", "outcome"])
first_token_seconds = Histogram(
    "answerdesk_turn_first_token_seconds",
    "From a customer's message to the answer's first text.",
    buckets=LATENCY_SECONDS,
)
turn_seconds = Histogram(
    "answerdesk_turn_seconds", "From a customer's message to the outcome.", buckets=LATENCY_SECONDS
)
retrieval_seconds = Histogram("answerdesk_retrieval_seconds", "One retrieval.", buckets=RETRIEVAL_SECONDS)
degraded_retrievals = Counter(
    "answerdesk_degraded_retrievals", "Retrievals without a model they should use.", ["missing"]
)
completions = Counter("answerdesk_completions", "Calls of a model, by why each was made.", ["model", "kind", "outcome"])
calls_refused = Counter("answerdesk_calls_refused", "Calls of a model not made for what they may cost.", ["scope"])
tokens = Counter("answerdesk_tokens", "Tokens of completions.", ["model", "kind"])
spend_usd = Counter("answerdesk_spend_usd", "US dollars of calls whose price is known.", ["model"])
breaker_state = Gauge(
    "answerdesk_breaker_state",
    "Whether a model is asked: 0 closed, 1 half open, 2 open; the worst of all processes.",
    ["model", "provider"],
    multiprocess_mode="livemax",
)

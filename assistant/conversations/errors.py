"""Why a conversation refused something, in words fit for the person who asked."""

from assistant.states import IllegalTransition

__all__ = [
    "AlreadyTaken",
    "ConversationError",
    "IdentityInvalid",
    "IllegalTransition",
    "InvalidText",
    "NotFound",
    "NotYours",
    "OriginRefused",
    "RateLimited",
    "SessionInvalid",
    "TooLong",
    "WidgetUnknown",
]


class ConversationError(Exception):
    """Base of the refusals below: `code` is the protocol's, the text is for people."""

    code = "bad_frame"
    words = "That cannot be done."

    def __init__(self, words: str = "") -> None:
        super().__init__(words or self.words)


class NotFound(ConversationError):
    """There is no such thing, or it is somebody else's: the same words for both."""

    code = "not_found"
    words = "There is no such conversation or message."


class SessionInvalid(ConversationError):
    code = "session_invalid"
    words = "This session has ended. Please start a new one."


class IdentityInvalid(ConversationError):
    code = "identity_invalid"
    words = "The identity could not be verified."


class WidgetUnknown(ConversationError):
    code = "widget_unknown"
    words = "There is no such widget."


class OriginRefused(ConversationError):
    code = "origin_refused"
    words = "This site may not show the widget."


class InvalidText(ConversationError):
    code = "bad_frame"
    words = "The text is empty or holds characters that cannot be stored."


class TooLong(ConversationError):
    code = "too_long"
    words = "The text is longer than 8,000 characters."


class RateLimited(ConversationError):
    """`retry_after` is in whole seconds, at least 1."""

    code = "rate_limited"
    words = "Too many at once. Please wait a moment."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = max(1, retry_after)


class NotYours(ConversationError):
    code = "not_yours"
    words = "Take the conversation over first."


class AlreadyTaken(ConversationError):
    """Another agent has it; `by` is that agent's name."""

    code = "already_taken"

    def __init__(self, by: str) -> None:
        super().__init__(f"{by} has already taken this conversation.")
        self.by = by

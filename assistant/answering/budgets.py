"""What a turn's clock asks for: when the customer is told something, and when another way is tried. Pure.

The silence of one model is its caller's to end (FIRST_TOKEN_BUDGET_SECONDS, TOKEN_GAP_BUDGET_SECONDS), and moves the
turn to a worker by itself; these budgets are the turn's as a whole, whatever becomes of its models.
"""

from dataclasses import dataclass
from enum import Enum


class Action(Enum):
    """What is due."""

    SIGN = "show that the question was heard"
    NOTICE = "say that it takes longer than usual"
    HAND_OVER = "let a worker try, if there is one"
    GIVE_UP = "ask for a person"


@dataclass(frozen=True)
class Budgets:
    """Seconds, in ascending order."""

    first_sign: float
    slow_notice: float
    hand_over: float


@dataclass(frozen=True)
class Progress:
    """How an attempt stands; times in seconds.

    `waited` is since the customer asked, `worked` since models were asked, or since this attempt began until then,
    `left` until the turn's deadline. `quiet` is since the customer was last shown text, and `waited` until there is
    any: what a model writes and nobody sees yet is silence. `noticed` is since the last notice.
    """

    waited: float
    worked: float
    quiet: float
    left: float
    signed: bool = False
    heard: bool = False
    noticed: float | None = None


def due(budgets: Budgets, progress: Progress) -> tuple[Action, ...]:
    """The actions that are due, in the order to do them; GIVE_UP stands alone.

    A notice is repeated as long as nothing comes, with what is known by then. A model that was heard is not given
    away, shown or not: a worker would begin anew, and be paid for again.
    """
    if progress.left <= 0:
        return (Action.GIVE_UP,)
    actions = []
    if progress.quiet >= budgets.slow_notice:
        if progress.noticed is None or progress.noticed >= budgets.slow_notice:
            actions.append(Action.NOTICE)
    elif progress.waited >= budgets.first_sign and not progress.signed:
        actions.append(Action.SIGN)
    if progress.worked >= budgets.hand_over and not progress.heard:
        actions.append(Action.HAND_OVER)
    return tuple(actions)

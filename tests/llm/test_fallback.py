from assistant.llm.fallback import Fallback
from assistant.llm.port import Anew
from tests.llm.clock import run
from tests.llm.fakes import END, Fake, fails, hear, says


def test_each_is_asked_when_those_before_have_failed():
    models = [Fake(fails("open")), Fake(fails("refused")), Fake(says("c")), Fake(says("d"))]
    assert run(hear(Fallback(models))).text == "c"
    assert [model.kinds for model in models] == [["first"], ["fallback"], ["fallback"], []]
    assert [model.calls[0].alternatives for model in models[:3]] == [3, 2, 1]


def test_a_text_that_was_begun_is_begun_anew():
    heard = run(hear(Fallback([Fake(fails("malformed", "half")), Fake(fails("timeout")), Fake(says("whole"))])))
    assert heard.items == ["half", Anew(), "whole", END]


def test_the_last_failure_is_told():
    assert run(hear(Fallback([Fake(fails("timeout")), Fake(fails("filtered", "a"))]))).failure == "filtered"

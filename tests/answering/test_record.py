"""What is kept of a turn: whole, by name, bounded, and gone with its conversation."""

import hashlib
import json
from dataclasses import dataclass, replace

import pytest

from assistant.answering import confidence, record, recorded
from assistant.answering.asking import ask as ask_and_keep
from assistant.answering.context import standalone
from assistant.answering.grounding import Grounded
from assistant.answering.narrowing import MOST_STRETCHES
from assistant.answering.outcomes import generated
from assistant.answering.prompts import template
from assistant.answering.readings import FoundPart, Narrowed, Stretch, look_up
from assistant.answering.release import Checked
from assistant.answering.rewriting import Rewrite, with_rewrite
from assistant.answering.several import MOST
from assistant.answering.stretches import MOST_KEPT, TEXT_CHARACTERS, quotation, stretches_of
from assistant.answering.withholding import Withheld
from assistant.answers import CompletionRecord, Question, Rule, Said
from assistant.llm.blocks import Block
from assistant.llm.extracts import Extract, weights
from assistant.llm.passages import MAX_SOURCES
from assistant.llm.port import ChatMessage, Prompt
from assistant.models import Conversation, Message, Turn
from assistant.states import Role
from knowledge.indexing import index_documents
from knowledge.models import Document, IndexGeneration
from knowledge.retrieval.reranking import RERANKED
from tests.answering.conftest import RESET
from tests.knowledge.library import article

HISTORY = (Said(Role.CUSTOMER, "How long does shipping to Italy take?"), Said(Role.ASSISTANT, "2 days [1]"))


def test_the_record_says_what_was_asked_and_how_it_was_looked_up(ask):
    kept = ask("and to Norway?", HISTORY)[0].explanation
    assert kept["asked"]["text"] == "and to Norway?"
    assert (kept["asked"]["collection"], kept["asked"]["locale"], kept["asked"]["earlier_messages"]) == (
        "shop",
        "en",
        2,
    )
    assert kept["lookup"] == {"text": standalone("and to Norway?", HISTORY), "why": "fragment"}
    assert ask("How do I reset my board?")[0].explanation["lookup"]["why"] is None


def test_a_greeting_does_not_hide_why_another_question_was_looked_up(ask):
    kept = ask("Dear support team, how about returns?", HISTORY)[0].explanation
    assert kept["lookup"] == {"text": standalone("how about returns?", HISTORY), "why": "goes on"}


def test_the_record_keeps_what_was_asked_of_the_search_and_how_it_was_read(ask):
    kept = ask("Hello, how do I resset my board?")[0].explanation
    assert kept["retrieval"]["query"] == "how do I resset my board?"
    assert kept["retrieval"]["corrections"] == {"resset": "reset"}
    assert kept["lookup"]["text"] == "how do I reset my board?"


def test_the_record_keeps_the_escalation_rule_that_the_message_matched(ask):
    other = Rule("Parcels", ("parcel",))
    boards = Rule("Boards", ("my board", "lamp"), message="Wait.")
    kept = ask("How do I reset my board?", rules=(other, boards))[0].explanation["asked"]["rule"]
    assert record.rule_of(kept) == Rule("Boards", ("my board",), message="Wait.")
    assert ask("How do I reset my board?", rules=(other,))[0].explanation["asked"]["rule"] is None


def test_the_record_names_the_weights_that_were_used(shop):
    found = look_up("How do I reset my board?", "shop", "en", 6)
    several = replace(found.retrieval, embedding_model="local-multilingual")
    for lookup, translated in (("How do I reset my board?", False), ("Wie setze ich meine Platine zurück?", True)):
        asked = replace(found, lookup=lookup, retrieval=several)
        reading = confidence.read(lookup, found.passages, several.embedding_model)
        kept = record.of_found(asked, reading)["confidence"]["calibration"]["weights"]
        fitted = confidence.calibration("local-multilingual", translated=translated)
        assert kept == {name: fitted[name]["weights"] for name in ("subject", "answer", "confidence")}


def test_the_record_holds_candidates_with_every_figure_and_place(ask):
    kept = ask("How do I reset my board?")[0].explanation
    candidate = kept["candidates"][0]
    assert (candidate["article"], candidate["title"], candidate["revision"]) == ("reset-board", "Reset board", 1)
    assert RESET[candidate["start"] : candidate["end"]].startswith("To reset your board")
    assert all(candidate[figure] for figure in ("dense", "lexical", "score"))
    assert set(kept["retrieval"]["reranker"]["weights"]) <= set(candidate["features"])
    assert "fused" in candidate["features"]
    assert kept["retrieval"]["found"] >= len(kept["candidates"]) > 1


def test_no_more_candidates_are_kept_than_are_looked_at(ask):
    index_documents([article(f"board-{n}", f"Board {n} has a reset key.", title=f"Board {n}") for n in range(40)])
    kept = ask("How do I reset my board?")[0].explanation
    assert kept["retrieval"]["found"] > len(kept["candidates"]) == RERANKED
    assert all(candidate["title"] for candidate in kept["candidates"])


def test_the_record_names_versions_and_figures(ask):
    answer, _ = ask("How do I reset my board?")
    kept = answer.explanation
    read = confidence.read(answer.question, [record.passage_of(passage) for passage in kept["passages"]])
    assert kept["confidence"]["value"] == answer.confidence == read.confidence
    assert kept["confidence"]["threshold"] == read.threshold
    assert kept["confidence"]["features"] == {name: round(value, 4) for name, value in read.features.items()}
    assert kept["confidence"]["calibration"]["version"]
    generation = IndexGeneration.objects.get(pk=kept["retrieval"]["generation"])
    assert kept["retrieval"]["recipe"] == generation.recipe
    assert kept["retrieval"]["reranker"]["version"]


def test_passages_are_kept_as_they_were_read(ask):
    for kept in ask("How do I reset my board?")[0].explanation["passages"]:
        passage = record.passage_of(kept)
        document = Document.objects.get(pk=passage.document_id)
        assert document.text[passage.start : passage.end] == passage.text
        assert (passage.revision, passage.article) == (document.revision, document.article)


def test_all_that_is_shown_of_a_source_is_kept_with_its_place(shop):
    asked = ask_and_keep("How do I reset my board?", "shop")
    turn = Turn.objects.get(pk=asked.turn)
    (kept,) = turn.explanation["quoted"]
    text = Document.objects.get(article=asked.answer.sources[0].article).text
    cut = [text[start:end] for start, end in kept["spans"]]
    shown = asked.answer.text.replace("[1]", "")
    assert "".join("".join(cut).split()) == "".join(shown.split())
    assert (kept["n"], kept["revision"], kept["stretches"]) == (1, 1, len(cut))
    assert recorded.answer_of(turn).sources[0].spans == asked.answer.sources[0].spans


def test_a_models_turn_keeps_prompt_and_raw_text(model_server, shop):
    asked = ask_and_keep("How do I reset my board?", "shop")
    kept = Turn.objects.get(pk=asked.turn).explanation
    assert all(message["text"] in model_server.prompts[0] for message in kept["prompt"]["messages"])
    told = hashlib.sha256(template("answer").encode()).hexdigest()[:12]
    assert kept["prompt"]["version"] == Turn.objects.get(pk=asked.turn).prompt_version == f"answer-{told}"
    assert kept["prompt"]["messages"][0]["text"] == template("answer")
    assert kept["prompt"]["parameters"]["max_tokens"] > 0
    call = kept["completions"][-1]
    assert (call["outcome"], call["model"]) == ("ok", "small-model")
    assert "[1]" in call["text"]
    assert kept["sentences"]
    assert kept["timings_ms"]["total"] > 0


def test_what_a_failed_call_wrote_is_kept_too(model_server, ask):
    model_server.set(fault="reset", after=30, times=1)
    calls = ask("How do I reset my board?")[0].explanation["completions"]
    assert [call["outcome"] for call in calls] != ["ok"]
    assert calls[-1]["outcome"] == "ok"
    assert calls[0]["characters"] == len(calls[0]["text"]) > 0


def test_a_rule_that_decided_by_the_words_is_named(ask):
    kept = ask("thanks")[0].explanation
    assert kept["basis"]["words"] == "thanks"
    assert kept["asked"]["text"] == "thanks"
    assert kept["lookup"]["why"] is None


def test_the_likeliest_stretches_are_kept_with_what_they_were_weighed_by(ask):
    answer, _ = ask("How do I reset my board?")
    kept = answer.explanation["quotation"]
    first, source = kept["stretches"][0], answer.sources[0]
    assert 1 < len(kept["stretches"]) <= MOST_KEPT
    assert (first["article"], first["revision"]) == (source.article, source.revision)
    assert first["start"] <= source.start < first["end"]
    assert len(first["text"]) <= TEXT_CHARACTERS
    assert kept["weights"].keys() == first["features"].keys()
    scores = [stretch["score"] for stretch in kept["stretches"]]
    assert scores == sorted(scores, reverse=True)


def test_the_record_goes_with_its_conversation(shop):
    asked = ask_and_keep("How do I reset my board?", "shop")
    assert Turn.objects.get(pk=asked.turn).explanation["asked"]["text"] == "How do I reset my board?"
    Conversation.objects.filter(pk=asked.conversation).delete()
    assert not Turn.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize("letter", ["x", "😀", "\n"])
def test_no_record_is_larger_than_its_bound(shop, letter):
    found = look_up("How do I reset my board?", "shop", "en", 6)
    long = {"title": letter * 500, "heading_path": (letter * 500,) * 6, "article": letter * 500}
    passage = replace(found.passages[0], text=letter * 12_000, url=letter * 2_200, anchor=letter * 200, **long)
    place = replace(found.retrieval.candidates[0].place, **long)
    candidate = replace(found.retrieval.candidates[0], place=place)
    prompt = Prompt(tuple(ChatMessage("user", letter * 20_000) for _ in range(8)), "answer-1")
    check = Checked(letter * 9_000, (1,), True, "words", 0.5)
    found = replace(
        found,
        retrieval=replace(
            found.retrieval,
            query=replace(found.retrieval.query, text=letter * 80_000),
            candidates=(candidate,) * 200,
        ),
        passages=(passage,) * 6,
        readings=(found.readings[0],) * 6,
        prompt=prompt,
        completions=tuple(
            CompletionRecord(purpose, "m" * 200, "ok", text=letter * 50_000)
            for purpose in ("answer", "check")
            for _ in range(50)
        ),
        checks=(check,) * 500,
        withheld=(Withheld(letter * 500, letter * 500),) * 500,
    )
    reading = confidence.read(found.lookup, found.passages)
    stretch = Stretch(letter * 80_000, reading)
    found = replace(found, narrowed=Narrowed(stretch, (stretch,) * MOST_STRETCHES, 0, 0.7, 0.8))
    found = replace(found, parts=(FoundPart(letter * 80_000, found, reading),) * MOST)
    rule = Rule(letter * 100, (f"board{letter * 9_000}",) * 2, message=letter * 9_000)
    question = Question(text=f"board{letter * 80_000}", collection="shop", rules=(rule,))
    answer = generated(question, Grounded("x [1]", (1,), {}, found.checks), "m", found, reading, {})
    shown = replace(answer.sources[0], spans=((1_000_000, 1_000_001),) * 2 * record.MOST_SPANS)
    answer = replace(answer, sources=(shown,) * MAX_SOURCES * MOST)
    rewrite = Rewrite(
        "", letter * 80_000, "too long", "rewrite-1", (replace(found.completions[0], purpose="rewrite"),) * 50
    )
    stretch = Extract(0, 0, (Block(0, 10_000, "paragraph"),), frozenset(), dict.fromkeys(weights(), -0.123456), -10.123)
    whole = replace(found, passages=(replace(passage, article=letter * 9_000),) * 6)
    stretches = [*stretches_of([stretch], whole)] * MOST_KEPT * MOST
    answer = replace(answer, explanation={**answer.explanation, "quotation": quotation(stretches)})
    kept = record.record_of(question, with_rewrite(replace(answer, question=letter * 80_000), rewrite))
    assert len(json.dumps(kept, ensure_ascii=False).encode()) <= record.LARGEST_BYTES
    last = [call for call in kept["completions"] if call["purpose"] == "answer"][-1]
    assert last["text"]
    assert last["characters"] == 50_000


@pytest.mark.parametrize("letter", ["x", "😀", "\n"])
def test_no_record_of_a_rule_is_larger_than_its_bound(ask, letter):
    phrases = tuple(f"board{'.' * n} {letter * 9_000}" if letter != "x" else f"board{'.' * n}" for n in range(900))
    rule = Rule(letter * 100, phrases, message=letter * 9_000)
    answer, _ = ask("board", rules=(rule,))
    assert answer.reason.startswith("rule: ")
    assert len(json.dumps(answer.explanation, ensure_ascii=False).encode()) <= record.LARGEST_BYTES


def test_what_a_database_cannot_hold_is_left_out(shop):
    found = look_up("How do I reset my board?", "shop", "en", 6)
    found = replace(found, completions=(CompletionRecord("answer", "m", "ok", text="a\0b\ud800c"),))
    kept = record.of_found(found, confidence.read(found.lookup, found.passages))
    assert (kept["completions"][0]["text"], kept["completions"][0]["characters"]) == ("abc", 3)


@dataclass(frozen=True)
class PricedReading(confidence.Reading):
    """A reading as it may become: with a figure that nobody has heard of."""

    wrong_answer_cost: float = 3.0


def test_figures_that_are_new_are_kept_by_their_names(shop):
    found = look_up("How do I reset my board?", "shop", "en", 6)
    reading = PricedReading(0.7, 0.4, {"brand_new": 0.123456})
    kept = record.of_found(found, reading)["confidence"]
    assert kept["features"] == {"brand_new": 0.1235}
    assert kept["figures"] == {"wrong_answer_cost": 3.0}

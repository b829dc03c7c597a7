import unicodedata
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.models import LEXICAL_DIMENSIONS
from knowledge.terms import MAX_TERM_LENGTH, TERMS, compounds_of, language_of, term_id, terms_of


@pytest.mark.parametrize(
    ("locale", "one", "other"),
    [
        ("en", "installing the printers", "install printer"),
        ("en-GB", "What's the customer's password?", "customers passwords"),
        ("de", "Häuser", "Haus"),
        ("fr", "réglages", "reglage"),
        ("ru", "пароли", "пароль"),
        ("en", "ﬁle", "FILE"),
        ("en", "Café", "cafe"),
    ],
)
def test_forms_of_one_word_are_one_term(locale, one, other):
    assert set(terms_of(one, locale)) == set(terms_of(other, locale))


def test_codes_and_versions_count_whole_and_in_parts():
    assert {"e-4711", "4711", "4.1.1", "wifi", "fi"} <= set(terms_of("E-4711 in 4.1.1 on Wi-Fi", "en"))


@pytest.mark.parametrize(
    ("joined", "plain"),
    [
        ("e-mail", "email"),
        ("E-Mails", "email"),
        ("Wi-Fi", "wifi"),
        ("Wi\u2011Fi", "wifi"),
        ("pre-order.", "preorders"),
        ("set-up", "setup"),
        ("log-in", "login"),
        ("Prüf-Bericht", "Prufbericht"),
    ],
)
def test_words_are_the_same_with_hyphens_and_without(joined, plain):
    assert set(terms_of(plain, "en")) <= set(terms_of(joined, "en"))


def test_the_single_letters_of_joined_words_count_for_nothing():
    assert terms_of("e-mail", "en") == terms_of("é-mail", "en") == ["mail", "email"]
    assert "c" in terms_of("What is C?", "en")


def test_the_terms_of_a_word_joined_by_hyphens_belong_together():
    text = "Re-send my e-mail, E-4711 and a-b.example.org."
    assert compounds_of(text, "en") == [{"re", "send", "resend"}, {"mail", "email"}]
    assert compounds_of("How do I log out?", "en") == [{"log", "logout"}]


@pytest.mark.parametrize(
    ("verb", "noun"),
    [
        ("How do I take over?", "take-over"),
        ("taking over", "takeover"),
        ("logged out", "logout"),
        ("log in", "login"),
        ("setting it up, to set up", "set-up"),
        ("switch on", "switch-on"),
        ("back up", "backups"),
    ],
)
def test_a_verb_with_its_particle_is_the_noun_that_is_made_of_it(verb, noun):
    assert set(terms_of(noun, "en")) <= set(terms_of(verb, "en"))


def test_what_no_verb_has_is_no_particle():
    assert terms_of("an account in Norway, on Linux", "en") == ["account", "norway", "linux"]
    assert terms_of("50 off", "en") == ["50"]
    assert "takeov" not in terms_of("take over", "de")


def test_contractions_and_words_for_anything_are_stop_words():
    assert terms_of("Doesn't it cost anything? How much? It isn't for everyone, I want to know", "en") == ["cost"]


def test_another_way_of_cutting_words_has_another_name():
    text = "E-Mail to Ünal: Wi-Fi 4.1.1, E-4711_b and its user's パスワード. Réglages, printers, set-up! Don't log out"
    cut = " ".join(terms_of(text, "en"))
    assert (TERMS, sha256(cut.encode()).hexdigest()[:8]) == ("joined-4", "0f611375"), (
        "name it anew, so that what is indexed is cut again"
    )


@pytest.mark.parametrize("text", ["パスワードを変更する", "更改密码的方法", "เปลี่ยนรหัสผ่าน", "비밀번호변경"])
def test_scripts_without_spaces_are_searched_by_pairs_of_characters(text):
    terms = terms_of(text, "")
    assert len(terms) > 3
    assert all(len(term) <= 2 for term in terms)
    assert set(terms_of(text[2:5], "")) <= set(terms)


def test_words_of_indic_scripts_are_not_cut_at_their_vowels():
    assert terms_of("पासवर्ड", "") == ["पासवर्ड"]


def test_stop_words_are_left_out_and_nothing_else_is_lost():
    assert terms_of("how do I get to the moon", "en") == ["moon"]
    assert terms_of("how do I", "en") == []


def test_repeats_are_kept():
    assert terms_of("error, error, error", "en") == ["error"] * 3


@given(st.text(max_size=300), st.sampled_from(["en", "de", "tr", "ja", "", "xx"]))
def test_any_text_gives_bounded_terms_and_one_and_the_same_each_time(text, locale):
    terms = terms_of(text, locale)
    assert terms == terms_of(unicodedata.normalize("NFC", text), locale)
    assert all(0 < len(term) <= MAX_TERM_LENGTH for term in terms)
    assert all(0 <= term_id(term) < LEXICAL_DIMENSIONS for term in terms)


@pytest.mark.parametrize(("locale", "language"), [("en-GB", "en"), ("pt_BR", "pt"), ("DE", "de"), ("", "")])
def test_the_language_is_the_first_part_of_a_locale(locale, language):
    assert language_of(locale) == language

from assistant.llm.wanted import wanted_in
from assistant.terms import terms


def test_english_words_are_stemmed_and_its_stop_words_left_out():
    assert terms("How do I reset the boards? Resetting Wi-Fi 4.1.1") == ["reset", "board", "reset", "wifi", "4.1.1"]


def test_words_are_the_same_with_hyphens_and_without():
    joined = terms("My e-mail, Wi-Fi, Wi\u2011Fi and log-in: set-up of pre-orders")
    assert joined == terms("My email, wifi, wifi and login: setup of preorders")
    assert terms("--dry-run E-4711 covid-19") == ["dryrun", "e-4711", "covid-19"]


def test_scripts_without_spaces_are_pairs_of_characters_whatever_the_language():
    assert terms("PDFを開く") == terms("PDFを開く", "ja") == ["pdf", "を開", "開く"]
    assert set(terms("密码", "zh")) <= set(terms("修改密码"))


def test_other_languages_are_stemmed_as_articles_are():
    assert terms("Änderungen", "de") == terms("Änderung", "de")
    assert terms("настройках", "ru") == terms("настройки", "ru")


def test_a_question_is_weighed_in_the_language_of_each_article():
    wanted = wanted_in("Passwörter password", [("Das Passwort.\n\nDie Rechnung.", "de"), ("The passwords.", "en")])
    assert wanted.in_language("de").cover("Passwort") == wanted.in_language("en").cover("passwords") == 0.5
    assert wanted.in_language("de").cover("Rechnung") == 0


def test_words_of_other_languages_that_carry_no_meaning_are_left_out():
    assert terms("Wie kann ich mein Passwort ändern?", "de") == terms("Passwort ändern", "de")
    assert terms("¿Cómo puedo cambiar mi contraseña?", "es") == terms("cambiar contraseña", "es")
    assert "怎样" not in terms("怎样修改密码", "zh")
    assert "为什么" not in "".join(terms("为什么不能登录", "zh"))


def test_a_word_of_a_phrase_that_carries_no_meaning_keeps_its_own():
    assert terms("thực phẩm", "vi") == ["thuc", "pham"]  # food; "thực sự", in truth, says nothing


def test_words_without_spaces_keep_the_pairs_that_stand_in_a_longer_one_without_meaning():
    changing = ["เป", "ปล", "ลี", "ี่", "่ย", "ยน", "นร", "รห", "หั", "ัส"]
    assert terms("เปลี่ยนรหัส", "th") == changing
    assert terms("ต้องเปลี่ยนรหัสหรือ", "th") == changing
    assert terms("nuqneH", "tlh") == ["nuqneh"]

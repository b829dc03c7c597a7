"""A how-to question is answered with whole steps in every language: also where an introduction leads up to them."""

import pytest

from assistant.answering.wording import tables
from assistant.llm.cues import cues
from assistant.llm.extracts import Reading
from assistant.llm.passages import compose

# By language: title, question, introduction, heading of the steps, three steps, and the heading of other articles.
ARTICLES = {
    "de": ("Passwort zurücksetzen", "Wie setze ich mein Passwort zurück?",
           "Ein Passwort, das Sie vergessen haben, können Sie selbst zurücksetzen.", "Vorgehensweise",
           ("Öffnen Sie die Anmeldeseite.", "Klicken Sie auf „Vergessen“.", "Folgen Sie dem Link in der E-Mail."),
           "Siehe auch"),
    "es": ("Restablecer la contraseña", "¿Cómo puedo restablecer mi contraseña?",
           "Puede restablecer la contraseña usted mismo si la ha olvidado.", "Procedimiento",
           ("Abra la página de acceso.", "Pulse «Olvidada».", "Siga el enlace del correo."), "Véase también"),
    "fr": ("Réinitialiser le mot de passe", "Comment réinitialiser mon mot de passe ?",
           "Vous pouvez réinitialiser vous-même un mot de passe oublié.", "Marche à suivre",
           ("Ouvrez la page de connexion.", "Cliquez sur « Oublié ».", "Suivez le lien du courriel."), "Voir aussi"),
    "it": ("Reimpostare la password", "Come posso reimpostare la password?",
           "Può reimpostare da solo la password che ha dimenticato.", "Procedura",
           ("Apra la pagina di accesso.", "Prema «Dimenticata».", "Segua il link del messaggio."), "Vedi anche"),
    "nl": ("Wachtwoord opnieuw instellen", "Hoe kan ik mijn wachtwoord opnieuw instellen?",
           "Een wachtwoord dat u bent vergeten, kunt u zelf opnieuw instellen.", "Werkwijze",
           ("Open de inlogpagina.", "Klik op ‘Vergeten’.", "Volg de link in de e-mail."), "Zie ook"),
    "pl": ("Resetowanie hasła", "Jak zresetować hasło?",
           "Hasło, którego nie pamiętasz, możesz zresetować samodzielnie.", "Instrukcja",
           ("Otwórz stronę logowania.", "Kliknij „Nie pamiętam”.", "Otwórz link z wiadomości."), "Zobacz też"),
    "pt": ("Redefinir a senha", "Como posso redefinir a minha senha?",
           "Você mesmo pode redefinir uma senha que esqueceu.", "Passo a passo",
           ("Abra a página de acesso.", "Clique em “Esqueci”.", "Siga o link do e-mail."), "Veja também"),
    "sv": ("Återställa lösenordet", "Hur återställer jag mitt lösenord?",
           "Du kan själv återställa ett lösenord som du har glömt.", "Gör så här",
           ("Öppna inloggningssidan.", "Klicka på ”Glömt”.", "Följ länken i mejlet."), "Se även"),
    "ru": ("Сброс пароля", "Как сбросить пароль?",
           "Забытый пароль можно сбросить самостоятельно.", "Порядок действий",
           ("Откройте страницу входа.", "Нажмите «Забыли».", "Перейдите по ссылке из письма."), "См. также"),
    "ja": ("パスワードをリセットする", "パスワードをリセットするにはどうすればいいですか？",
           "忘れたパスワードはご自身でリセットできます。", "手順",
           ("ログイン画面を開きます。", "「忘れた方」を押します。", "メールのリンクを開きます。"), "関連記事"),
    "zh": ("重置密码", "如何重置密码？",
           "如果您忘记了密码，可以自行重置密码。", "操作步骤",
           ("打开登录页面。", "点击“忘记”。", "打开邮件中的链接。"), "相关文章"),
    "ar": ("إعادة تعيين كلمة المرور", "كيف يمكنني إعادة تعيين كلمة المرور؟",
           "يمكنك إعادة تعيين كلمة المرور التي نسيتها بنفسك.", "الخطوات",
           ("افتح صفحة تسجيل الدخول.", "اضغط على «نسيت».", "اتبع الرابط في الرسالة."), "مقالات ذات صلة"),
    "hi": ("पासवर्ड रीसेट करना", "मैं अपना पासवर्ड कैसे रीसेट करूँ?",
           "भूला हुआ पासवर्ड आप स्वयं रीसेट कर सकते हैं।", "चरण",
           ("लॉगिन पृष्ठ खोलें।", "“भूल गए” दबाएँ।", "ईमेल का लिंक खोलें।"), "यह भी देखें"),
    "ko": ("비밀번호 재설정", "비밀번호를 어떻게 재설정하나요?",
           "잊어버린 비밀번호는 직접 재설정할 수 있습니다.", "절차",
           ("로그인 페이지를 엽니다.", "‘찾기’를 누릅니다.", "메일의 링크를 엽니다."), "관련 문서"),
    "th": ("รีเซ็ตรหัสผ่าน", "ฉันจะรีเซ็ตรหัสผ่านได้อย่างไร",
           "คุณสามารถรีเซ็ตรหัสผ่านที่ลืมได้ด้วยตนเอง", "ขั้นตอน",
           ("เปิดหน้าเข้าสู่ระบบ", "กดปุ่มลืมรหัส", "เปิดลิงก์ในอีเมล"), "บทความที่เกี่ยวข้อง"),
    "tr": ("Parolayı sıfırlama", "Parolamı nasıl sıfırlarım?",
           "Unuttuğunuz bir parolayı kendiniz sıfırlayabilirsiniz.", "Adımlar",
           ("Giriş sayfasını açın.", "“Unuttum” seçeneğine basın.", "Bağlantıyı açın."), "İlgili makaleler"),
}  # fmt: skip


@pytest.mark.parametrize("language", ARTICLES)
def test_an_introduction_goes_on_with_the_steps_and_with_no_aside(language):
    title, question, introduction, heading, steps, aside = ARTICLES[language]
    numbered = "\n".join(f"{n}. {step}" for n, step in enumerate(steps, 1))
    text = f"{introduction}\n\n## {heading}\n\n{numbered}\n\n## {aside}\n\n1. {aside} A\n2. {aside} B"
    shown = compose(question, [Reading(text, 0, len(text), title, 0.0, language)], language=language).text
    assert all(step in shown for step in steps)
    assert f"{aside} A" not in shown


@pytest.mark.parametrize("language", ARTICLES)
def test_a_question_in_another_language_asks_how_too(language):
    question = ARTICLES[language][1]
    text = "You can reset it.\n\n## Reset\n\n1. Open it.\n2. Press it."
    either = compose(question, [Reading(text, 0, len(text), question, 0.0, "en")], language=language).text
    assert "2. Press it." in either


def test_each_language_that_we_have_words_of_has_all_cue_phrases():
    assert {*ARTICLES, "en"} >= tables().keys()
    for language in ARTICLES:
        assert cues(language) != cues("en")
        assert cues(language)._patterns.keys() == cues("en")._patterns.keys()
        assert cues(language).pointing


@pytest.mark.parametrize(
    ("language", "how", "other"),
    [
        ("ar", "ماذا أفعل إذا نسيت كلمة المرور؟", "متى يصل طلبي؟"),
        ("hi", "पासवर्ड कैसे बदलें?", "मेरा ऑर्डर कब आएगा?"),
        ("ko", "비밀번호를 어떻게 바꾸나요?", "배송비는 얼마인가요?"),
        ("th", "เปลี่ยนรหัสผ่านยังไง", "ค่าส่งเท่าไร"),
        ("tr", "Parolamı nasıl değiştirebilirim?", "Kargo ücreti ne kadar?"),
    ],
)
def test_who_asks_how_is_told_from_who_asks_for_a_fact(language, how, other):
    said = cues(language)
    assert said.asks_how(how)
    assert not said.asks_how(other)
    assert not said.states(other)


def test_korean_words_that_begin_as_a_pronoun_lean_on_nothing():
    assert not any(map(cues("ko").leans, ["이메일을 입력합니다.", "그룹을 만듭니다.", "단계를 확인합니다."]))
    assert all(map(cues("ko").leans, ["이것은 한 번만 가능합니다.", "그러나 삭제할 수 없습니다."]))


def test_words_that_announce_steps_said_over_and_over_are_read_in_bounded_time():
    """Each "methods" with each "below" and each end takes hours; steps that are announced close by are what counts."""
    assert not cues("en").steps_follow(f"{'methods below ' * 5_000}. No more")
    assert cues("en").steps_follow("The steps that most people take are described below in the order that works best:")

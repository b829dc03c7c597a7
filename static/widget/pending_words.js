// What is said while an answer is being made, in the languages that the assistant answers in.

const WORDS = {
  en: {
    searching: "Searching the help centre",
    writing: "Writing",
    delayed: "This is taking longer than usual",
    about: (seconds) => `This is taking longer than usual, about ${seconds} more`,
    kept: "The answer will appear here, also if you close the chat and come back.",
    meanwhile: "These articles may already help",
    person: "Talk to a person",
  },
  de: {
    searching: "Im Hilfebereich wird gesucht",
    writing: "Die Antwort wird geschrieben",
    delayed: "Das dauert länger als sonst",
    about: (seconds) => `Das dauert länger als sonst, noch etwa ${seconds}`,
    kept: "Die Antwort erscheint hier, auch wenn Sie den Chat schließen und später wiederkommen.",
    meanwhile: "Vielleicht helfen schon diese Artikel",
    person: "Mit einem Menschen sprechen",
  },
  es: {
    searching: "Buscando en el centro de ayuda",
    writing: "Escribiendo",
    delayed: "Está tardando más de lo habitual",
    about: (seconds) => `Está tardando más de lo habitual, unos ${seconds} más`,
    kept: "La respuesta aparecerá aquí, aunque cierre el chat y vuelva más tarde.",
    meanwhile: "Quizá estos artículos ya le ayuden",
    person: "Hablar con una persona",
  },
  fr: {
    searching: "Recherche dans le centre d’aide",
    writing: "Rédaction de la réponse",
    delayed: "Cela prend plus de temps que d’habitude",
    about: (seconds) => `Cela prend plus de temps que d’habitude, encore environ ${seconds}`,
    kept: "La réponse apparaîtra ici, même si vous fermez le chat et revenez plus tard.",
    meanwhile: "Ces articles peuvent déjà vous aider",
    person: "Parler à une personne",
  },
  it: {
    searching: "Ricerca nel centro assistenza",
    writing: "Scrittura della risposta",
    delayed: "Ci vuole più tempo del solito",
    about: (seconds) => `Ci vuole più tempo del solito, ancora circa ${seconds}`,
    kept: "La risposta apparirà qui, anche se chiude la chat e torna più tardi.",
    meanwhile: "Forse questi articoli sono già d’aiuto",
    person: "Parlare con una persona",
  },
  ja: {
    searching: "ヘルプセンターを検索しています",
    writing: "回答を書いています",
    delayed: "通常より時間がかかっています",
    about: (seconds) => `通常より時間がかかっています。あと約${seconds}です`,
    kept: "チャットを閉じて後で戻っても、回答はここに表示されます。",
    meanwhile: "次の記事が参考になるかもしれません",
    person: "担当者と話す",
  },
  nl: {
    searching: "Het helpcentrum wordt doorzocht",
    writing: "Het antwoord wordt geschreven",
    delayed: "Dit duurt langer dan normaal",
    about: (seconds) => `Dit duurt langer dan normaal, nog ongeveer ${seconds}`,
    kept: "Het antwoord verschijnt hier, ook als u de chat sluit en later terugkomt.",
    meanwhile: "Misschien helpen deze artikelen al",
    person: "Met een medewerker praten",
  },
  pl: {
    searching: "Przeszukiwanie centrum pomocy",
    writing: "Pisanie odpowiedzi",
    delayed: "To trwa dłużej niż zwykle",
    about: (seconds) => `To trwa dłużej niż zwykle, jeszcze mniej więcej ${seconds}`,
    kept: "Odpowiedź pojawi się tutaj, także po zamknięciu czatu i powrocie.",
    meanwhile: "Być może pomogą już te artykuły",
    person: "Porozmawiaj z człowiekiem",
  },
  pt: {
    searching: "A procurar no centro de ajuda",
    writing: "A escrever a resposta",
    delayed: "Está a demorar mais do que o habitual",
    about: (seconds) => `Está a demorar mais do que o habitual, mais cerca de ${seconds}`,
    kept: "A resposta aparecerá aqui, mesmo que feche o chat e volte mais tarde.",
    meanwhile: "Talvez estes artigos já ajudem",
    person: "Falar com uma pessoa",
  },
  ru: {
    searching: "Поиск в справочном центре",
    writing: "Составление ответа",
    delayed: "Это занимает больше времени, чем обычно",
    about: (seconds) => `Это занимает больше времени, чем обычно, ещё примерно ${seconds}`,
    kept: "Ответ появится здесь, даже если вы закроете чат и вернётесь позже.",
    meanwhile: "Возможно, уже помогут эти статьи",
    person: "Поговорить с человеком",
  },
  sv: {
    searching: "Söker i hjälpcentret",
    writing: "Skriver svaret",
    delayed: "Det här tar längre tid än vanligt",
    about: (seconds) => `Det här tar längre tid än vanligt, ungefär ${seconds} till`,
    kept: "Svaret visas här, även om du stänger chatten och kommer tillbaka senare.",
    meanwhile: "De här artiklarna kanske redan hjälper",
    person: "Prata med en människa",
  },
  zh: {
    searching: "正在搜索帮助中心",
    writing: "正在撰写回答",
    delayed: "这次比平时需要更长时间",
    about: (seconds) => `这次比平时需要更长时间，大约还需${seconds}`,
    kept: "回答会显示在这里，关闭聊天后再回来也能看到。",
    meanwhile: "这些文章可能已经有帮助",
    person: "联系人工客服",
  },
};

/** The words for a browser's language, English where there are none: {lang, searching, writing, delayed(seconds), ...}. */
export function pendingWords(language) {
  const known = language?.toLowerCase().split("-")[0];
  const lang = Object.hasOwn(WORDS, known) ? known : "en";
  const { delayed, about, ...words } = WORDS[lang];
  const unit = new Intl.NumberFormat(lang, { style: "unit", unit: "second", unitDisplay: "long", maximumFractionDigits: 0 });
  return { ...words, lang, delayed: (seconds) => (seconds ? about(unit.format(seconds)) : delayed) };
}

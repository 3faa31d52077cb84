import type { Language } from '../shared/languages.js';

/** The words of the door. `{x}` are values; what is counted stands behind a colon, so that no word has to agree with it. */
export interface Words {
  title: string;
  ticket: string;
  ask: { heading: string; body: string; action: string; safe: string; notYours: string };
  code: {
    heading: string;
    sentTo: string;
    label: string;
    goodFor: string;
    again: string;
    browser: string;
    checking: string;
  };
  trouble: { wrong: string; gone: string; expired: string; wait: string; unreachable: string; invalid: string };
  dead: { heading: string; body: string; number: string; email: string; action: string };
  sent: { heading: string; body: string };
  opening: string;
  language: string;
  noScript: string;
}

const en: Words = {
  title: 'Your support ticket',
  ticket: 'Support ticket',
  ask: {
    heading: 'Is this your mailbox?',
    body: 'We send a code to the address that this link came to. Type it here, and the ticket opens.',
    action: 'Send me a code',
    safe: 'The link alone shows nothing, so a forwarded email is harmless. We never ask for this code by email, chat or telephone.',
    notYours: 'Not your ticket? Close this page: nothing has happened.',
  },
  code: {
    heading: 'Type the six digits',
    sentTo: 'Sent to {address}. Also look into the spam folder.',
    label: 'Code',
    goodFor: 'Good for {time}',
    again: 'Send a new one',
    browser: 'The code works in this browser only.',
    checking: 'Checking the code …',
  },
  trouble: {
    wrong: 'This is not the code. Compare it with the newest email. Tries left: {count}',
    gone: 'This code does not work any more. Send a new one.',
    expired: 'This code is too old. Send a new one.',
    wait: 'Too many codes were asked for. Look for the newest email, also in the spam folder, or try again later. Minutes to wait: {count}',
    unreachable: 'There was no answer. Check your connection, then try again.',
    invalid: 'Check the ticket number and the address.',
  },
  dead: {
    heading: 'This link does not work any more',
    body: 'Take the link of the newest email. Or tell us the number of the ticket and your address, and we send you a new link.',
    number: 'Ticket number',
    email: 'Email address',
    action: 'Send me a new link',
  },
  sent: {
    heading: 'Look into your mailbox',
    body: 'If there is such a ticket with this address, a new link is on its way. Also look into the spam folder.',
  },
  opening: 'Your ticket opens …',
  language: 'Language',
  noScript: 'This page needs JavaScript: it sends the code only when you ask for it, so that no mail scanner can.',
};

const de: Words = {
  title: 'Ihr Support-Ticket',
  ticket: 'Support-Ticket',
  ask: {
    heading: 'Ist das Ihr Postfach?',
    body: 'Wir senden einen Code an die Adresse, an die dieser Link ging. Geben Sie ihn hier ein, und das Ticket öffnet sich.',
    action: 'Code senden',
    safe: 'Der Link allein zeigt nichts; eine weitergeleitete E-Mail ist also harmlos. Wir fragen nie nach diesem Code, weder per E-Mail noch im Chat oder am Telefon.',
    notYours: 'Nicht Ihr Ticket? Schließen Sie diese Seite: Es ist nichts geschehen.',
  },
  code: {
    heading: 'Geben Sie die sechs Ziffern ein',
    sentTo: 'Gesendet an {address}. Sehen Sie auch im Spam-Ordner nach.',
    label: 'Code',
    goodFor: 'Noch {time} gültig',
    again: 'Neuen Code senden',
    browser: 'Der Code funktioniert nur in diesem Browser.',
    checking: 'Der Code wird geprüft …',
  },
  trouble: {
    wrong: 'Das ist nicht der Code. Vergleichen Sie ihn mit der neuesten E-Mail. Verbleibende Versuche: {count}',
    gone: 'Dieser Code gilt nicht mehr. Lassen Sie sich einen neuen senden.',
    expired: 'Dieser Code ist abgelaufen. Lassen Sie sich einen neuen senden.',
    wait: 'Es wurden zu viele Codes angefordert. Suchen Sie die neueste E-Mail, auch im Spam-Ordner, oder versuchen Sie es später. Wartezeit in Minuten: {count}',
    unreachable: 'Es kam keine Antwort. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
    invalid: 'Prüfen Sie die Ticketnummer und die Adresse.',
  },
  dead: {
    heading: 'Dieser Link funktioniert nicht mehr',
    body: 'Nehmen Sie den Link aus der neuesten E-Mail. Oder nennen Sie uns die Ticketnummer und Ihre Adresse, dann senden wir Ihnen einen neuen.',
    number: 'Ticketnummer',
    email: 'E-Mail-Adresse',
    action: 'Neuen Link senden',
  },
  sent: {
    heading: 'Sehen Sie in Ihr Postfach',
    body: 'Gibt es ein solches Ticket mit dieser Adresse, ist ein neuer Link unterwegs. Sehen Sie auch im Spam-Ordner nach.',
  },
  opening: 'Ihr Ticket wird geöffnet …',
  language: 'Sprache',
  noScript:
    'Diese Seite braucht JavaScript: Sie sendet den Code erst, wenn Sie ihn anfordern, damit kein Mail-Scanner es tut.',
};

const pl: Words = {
  title: 'Twoje zgłoszenie',
  ticket: 'Zgłoszenie',
  ask: {
    heading: 'Czy to Twoja skrzynka?',
    body: 'Wyślemy kod na adres, na który przyszedł ten link. Wpisz go tutaj, a\u00A0zgłoszenie się otworzy.',
    action: 'Wyślij mi kod',
    safe: 'Sam link nic nie pokazuje, więc przekazana dalej wiadomość nie szkodzi. Nigdy nie pytamy o\u00A0ten kod: ani mailem, ani na czacie, ani przez telefon.',
    notYours: 'To nie Twoje zgłoszenie? Zamknij tę stronę: nic się nie stało.',
  },
  code: {
    heading: 'Wpisz sześć cyfr',
    sentTo: 'Wysłano na {address}. Zajrzyj też do folderu ze spamem.',
    label: 'Kod',
    goodFor: 'Ważny jeszcze {time}',
    again: 'Wyślij nowy kod',
    browser: 'Kod działa tylko w\u00A0tej przeglądarce.',
    checking: 'Sprawdzamy kod …',
  },
  trouble: {
    wrong: 'To nie ten kod. Porównaj go z\u00A0najnowszą wiadomością. Pozostałe próby: {count}',
    gone: 'Ten kod już nie działa. Poproś o\u00A0nowy.',
    expired: 'Ten kod stracił ważność. Poproś o\u00A0nowy.',
    wait: 'Poproszono o\u00A0zbyt wiele kodów. Poszukaj najnowszej wiadomości, także w\u00A0spamie, albo spróbuj później. Czas oczekiwania w\u00A0minutach: {count}',
    unreachable: 'Brak odpowiedzi. Sprawdź połączenie i\u00A0spróbuj ponownie.',
    invalid: 'Sprawdź numer zgłoszenia i\u00A0adres.',
  },
  dead: {
    heading: 'Ten link już nie działa',
    body: 'Użyj linku z\u00A0najnowszej wiadomości. Albo podaj numer zgłoszenia i\u00A0swój adres, a\u00A0wyślemy nowy link.',
    number: 'Numer zgłoszenia',
    email: 'Adres e-mail',
    action: 'Wyślij mi nowy link',
  },
  sent: {
    heading: 'Zajrzyj do skrzynki',
    body: 'Jeśli takie zgłoszenie istnieje pod tym adresem, nowy link jest już w\u00A0drodze. Zajrzyj też do folderu ze spamem.',
  },
  opening: 'Otwieramy zgłoszenie …',
  language: 'Język',
  noScript: 'Ta strona wymaga JavaScriptu: wysyła kod dopiero na Twoją prośbę, aby nie zrobił tego skaner poczty.',
};

const zhCN: Words = {
  title: '您的客服工单',
  ticket: '客服工单',
  ask: {
    heading: '这是您的邮箱吗？',
    body: '我们会向收到此链接的邮箱发送验证码。在此输入验证码，即可打开工单。',
    action: '发送验证码',
    safe: '仅凭链接看不到任何内容，因此即使邮件被转发也无妨。我们绝不会通过邮件、聊天或电话索要此验证码。',
    notYours: '不是您的工单？关闭本页即可，不会发生任何事情。',
  },
  code: {
    heading: '请输入六位数字',
    sentTo: '已发送至 {address}。请同时查看垃圾邮件文件夹。',
    label: '验证码',
    goodFor: '剩余有效时间 {time}',
    again: '重新发送',
    browser: '验证码仅在此浏览器中有效。',
    checking: '正在核对验证码……',
  },
  trouble: {
    wrong: '验证码不正确，请与最新邮件核对。剩余次数：{count}',
    gone: '此验证码已失效，请重新发送。',
    expired: '此验证码已过期，请重新发送。',
    wait: '申请验证码的次数过多。请查找最新邮件（包括垃圾邮件文件夹），或稍后再试。需等待分钟数：{count}',
    unreachable: '没有收到响应。请检查网络连接后重试。',
    invalid: '请检查工单编号和邮箱地址。',
  },
  dead: {
    heading: '此链接已失效',
    body: '请使用最新邮件中的链接。或填写工单编号和您的邮箱，我们会发送新的链接。',
    number: '工单编号',
    email: '邮箱地址',
    action: '发送新链接',
  },
  sent: {
    heading: '请查看您的邮箱',
    body: '如果此邮箱名下有该工单，新链接已在发送途中。请同时查看垃圾邮件文件夹。',
  },
  opening: '正在打开工单……',
  language: '语言',
  noScript: '本页面需要 JavaScript：只有在您请求时才会发送验证码，邮件扫描程序无法代为请求。',
};

export const WORDS: Record<Language, Words> = { en, de, pl, 'zh-CN': zhCN };

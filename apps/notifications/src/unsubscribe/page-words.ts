/** The words of the page behind the link. `{number}` is the ticket's. */
export interface PageWords {
  readonly title: string;
  readonly ask: string;
  readonly mute: string;
  readonly muted: string;
  readonly undo: string;
  readonly undone: string;
  readonly codes: string;
  readonly goneTitle: string;
  readonly gone: string;
  readonly tooManyTitle: string;
  readonly tooMany: string;
}

export const PAGE_WORDS: Readonly<Record<'en' | 'de' | 'pl' | 'zh-CN', PageWords>> = {
  en: {
    title: 'Messages about ticket {number}',
    ask: 'You will hear nothing more about this ticket, not even when we need an answer from you.',
    mute: 'Stop these messages',
    muted: 'You will hear nothing more about ticket {number}.',
    undo: 'Send me messages again',
    undone: 'We will tell you again what happens to ticket {number}.',
    codes: 'Codes that you ask for still come.',
    goneTitle: 'This link no longer works',
    gone: 'It is more than 30 days old, or incomplete. Use the link in the newest message about your ticket.',
    tooManyTitle: 'One moment, please',
    tooMany: 'There were too many requests. Try again in a minute.',
  },
  de: {
    title: 'Nachrichten zum Ticket {number}',
    ask: 'Sie erfahren dann nichts mehr zu diesem Ticket, auch nicht, wenn wir eine Antwort von Ihnen brauchen.',
    mute: 'Nachrichten abschalten',
    muted: 'Sie erhalten keine Nachrichten mehr zum Ticket {number}.',
    undo: 'Nachrichten wieder erhalten',
    undone: 'Sie erhalten wieder Nachrichten zum Ticket {number}.',
    codes: 'Codes, die Sie anfordern, kommen weiterhin an.',
    goneTitle: 'Dieser Link funktioniert nicht mehr',
    gone: 'Er ist älter als 30 Tage oder unvollständig. Nehmen Sie den Link in der neuesten Nachricht zu Ihrem Ticket.',
    tooManyTitle: 'Einen Moment bitte',
    tooMany: 'Es kamen zu viele Anfragen. Versuchen Sie es in einer Minute noch einmal.',
  },
  pl: {
    title: 'Wiadomości o zgłoszeniu {number}',
    ask: 'Nie dostaniesz już żadnych wiadomości o tym zgłoszeniu, nawet gdy będziemy czekać na Twoją odpowiedź.',
    mute: 'Wyłącz wiadomości',
    muted: 'Nie dostaniesz już wiadomości o zgłoszeniu {number}.',
    undo: 'Włącz wiadomości',
    undone: 'Znowu będziemy Cię informować o zgłoszeniu {number}.',
    codes: 'Kody, o które prosisz, nadal będą przychodzić.',
    goneTitle: 'Ten link już nie działa',
    gone: 'Ma ponad 30 dni albo jest niepełny. Użyj linku z najnowszej wiadomości o swoim zgłoszeniu.',
    tooManyTitle: 'Chwileczkę',
    tooMany: 'Przyszło zbyt wiele żądań. Spróbuj ponownie za minutę.',
  },
  'zh-CN': {
    title: '客服工单 {number} 的消息',
    ask: '此后您不会再收到有关该工单的任何消息，即使我们需要您回复也不会通知您。',
    mute: '停止接收该工单的消息',
    muted: '您不会再收到有关工单 {number} 的消息。',
    undo: '重新接收消息',
    undone: '您将重新收到有关工单 {number} 的消息。',
    codes: '您主动获取的验证码仍会照常发送。',
    goneTitle: '此链接已失效',
    gone: '链接已超过 30 天，或不完整。请使用最新一封工单消息中的链接。',
    tooManyTitle: '请稍候',
    tooMany: '请求过多，请一分钟后再试。',
  },
};

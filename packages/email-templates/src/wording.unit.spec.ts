import { describe, expect, it } from '@jest/globals';
import { type AlertContent, type Audience, locales, renderAlert, type TemplateName, templates } from './index.js';

const content: AlertContent = { number: '7K4M2Q', link: 'https://support.example.com/tickets/1', brand: 'Bellhop' };

describe('several replies told of at once', () => {
  it.each([
    ['en', undefined, 'Your support ticket 7K4M2Q has a new reply'],
    ['en', 1, 'Your support ticket 7K4M2Q has a new reply'],
    ['en', 3, 'Your support ticket 7K4M2Q has 3 new replies'],
    ['de', 1, 'Neue Antwort zu Ihrem Support-Ticket 7K4M2Q'],
    ['de', 2, '2 neue Antworten zu Ihrem Support-Ticket 7K4M2Q'],
    ['pl', 1, 'Nowa odpowiedź na Twoje zgłoszenie 7K4M2Q'],
    ['pl', 2, '2 nowe odpowiedzi na Twoje zgłoszenie 7K4M2Q'],
    ['pl', 4, '4 nowe odpowiedzi na Twoje zgłoszenie 7K4M2Q'],
    ['pl', 5, '5 nowych odpowiedzi na Twoje zgłoszenie 7K4M2Q'],
    ['pl', 12, '12 nowych odpowiedzi na Twoje zgłoszenie 7K4M2Q'],
    ['pl', 22, '22 nowe odpowiedzi na Twoje zgłoszenie 7K4M2Q'],
    ['zh-CN', 1, '您的客服工单 7K4M2Q 有 1 条新回复'],
    ['zh-CN', 30, '您的客服工单 7K4M2Q 有 30 条新回复'],
    ['en', 1234, 'Your support ticket 7K4M2Q has 1,234 new replies'],
    ['de', 1234, '1.234 neue Antworten zu Ihrem Support-Ticket 7K4M2Q'],
    ['en', 0, 'Your support ticket 7K4M2Q has a new reply'],
    ['en', Number.NaN, 'Your support ticket 7K4M2Q has a new reply'],
  ])('in %s, %p of them: %s', (locale, count, subject) => {
    expect(renderAlert('replied', 'customer', { ...content, locale, count }).subject).toBe(subject);
  });
});

it.each(locales)('names the ticket in every subject, or says how many there are, in %s', (locale) => {
  for (const [audience, names] of Object.entries(templates)) {
    for (const template of names) {
      for (const count of [1, 2, 5]) {
        const { subject } = renderAlert(template, audience as Audience, { ...content, locale, count });
        expect(subject).toContain(template === 'tickets_waiting' ? String(count) : '7K4M2Q');
      }
    }
  }
});

it('reads well as plain text', () => {
  const { text } = renderAlert('information_requested', 'guest', {
    ...content,
    locale: 'de-CH',
    at: new Date('2026-11-24T13:30:00Z'),
  });
  expect(text).toBe(`Bellhop

Support-Ticket 7K4M2Q
Wir haben eine Rückfrage an Sie

Um Ihr Ticket weiter bearbeiten zu können, brauchen wir noch einige Angaben von Ihnen. Auf der Ticketseite sehen Sie, was fehlt, und können direkt antworten.

Bitte antworten Sie bis: Dienstag, 24. November 2026, 13:30\u00A0Uhr, UTC

Rückfrage ansehen: https://support.example.com/tickets/1

Dieser Link funktioniert nur für dieses Postfach: Bevor das Ticket angezeigt wird, fragt die Seite nach einem Einmalcode, den wir an diese Adresse senden.

Diese E-Mail ist nur eine Benachrichtigung. Antworten darauf werden nicht gelesen; bitte antworten Sie auf der Ticketseite.
Wir fragen niemals per E-Mail nach einem Passwort, einem Code oder einer Seed-Phrase.

Sie erhalten diese E-Mail, weil dieses Support-Ticket mit Ihrer E-Mail-Adresse eröffnet wurde.
`);
});

describe("the reader's own phrase", () => {
  const phrase = 'blue teapot 42';

  it.each([
    ['en', 'Your anti-phishing phrase: blue teapot 42\nOur emails about your tickets always show it.'],
    ['de', 'Ihre Anti-Phishing-Phrase: blue teapot 42\nJede E-Mail von uns zu Ihren Tickets zeigt sie.'],
    ['pl', 'Twoja fraza antyphishingowa: blue teapot 42\nJest w\u00A0każdej naszej wiadomości o\u00A0zgłoszeniach.'],
    ['zh-CN', '您的防钓鱼码：blue teapot 42\n我们的每封工单邮件都会显示此码。'],
  ])('stands in every mail to a customer, above the link to follow, in %s', (locale, said) => {
    for (const template of templates.customer) {
      const { html, text } = renderAlert(template, 'customer', { ...content, locale, phrase });
      expect(text).toContain(said);
      expect(text.indexOf(phrase)).toBeLessThan(text.indexOf(content.link));
      expect(html.match(/blue teapot 42/g)).toHaveLength(1);
      expect(html.indexOf(phrase)).toBeLessThan(html.indexOf('class="button"'));
    }
  });

  it('comes after the words that lists of mails and lock screens show', () => {
    for (const template of templates.customer) {
      const { subject, html, text } = renderAlert(template, 'customer', { ...content, phrase });
      const plain = renderAlert(template, 'customer', content);
      expect(subject).toBe(plain.subject);
      const body = plain.text.split('\n\n')[2]!;
      for (const part of [html, text]) {
        expect(part).toContain(body);
        expect(part.indexOf(phrase)).toBeGreaterThan(part.lastIndexOf(body));
      }
    }
  });

  it.each(['guest', 'inbound_guest', 'agent'] as const)(
    'is not shown to a reader who can have none: %s',
    (audience) => {
      for (const template of templates[audience]) {
        expect(renderAlert(template, audience, { ...content, phrase })).toEqual(
          renderAlert(template, audience, content),
        );
      }
    },
  );

  it.each(['', ' ', '\t\u2028\u202E'])('leaves no trace when it is blank: %p', (blank) => {
    expect(renderAlert('replied', 'customer', { ...content, phrase: blank })).toEqual(
      renderAlert('replied', 'customer', content),
    );
  });

  it('is one line in which nothing turns the direction of writing', () => {
    const { text } = renderAlert('replied', 'customer', { ...content, phrase: ' blue\n\u202Etoep\u2069 42 ' });
    expect(text).toContain(': blue toep  42\n');
  });
});

describe('the time that is due', () => {
  const at = new Date('2026-11-24T13:30:00Z');

  it('is shown where a template has one, in the zone of the reader', () => {
    const { html, text } = renderAlert('promise_missed', 'customer', {
      ...content,
      locale: 'pl',
      timezone: 'Europe/Warsaw',
      at,
    });
    for (const part of [html, text]) {
      expect(part).toContain('wtorek, 24 listopada 2026, godz.\u00A014:30');
      expect(part).toContain('czas środkowoeuropejski (UTC+1)');
    }
  });

  it('leaves no trace where there is none', () => {
    const { html, text } = renderAlert('information_requested', 'customer', content);
    expect(html).not.toContain('Please answer by');
    expect(text).not.toContain('Please answer by');
  });

  it('changes nothing where a template has no use for it', () => {
    expect(renderAlert('resolved', 'customer', { ...content, at })).toEqual(
      renderAlert('resolved', 'customer', content),
    );
  });
});

it.each([
  ['guest', 'the page will ask for a one-time code'],
  ['inbound_guest', 'please do not forward this email'],
  ['customer', undefined],
] as const)('says of the link of a %s what is true of it: %s', (audience, notice) => {
  const { html, text } = renderAlert('replied', audience, content);
  for (const said of ['the page will ask for a one-time code', 'please do not forward this email']) {
    expect([html.includes(said), text.includes(said)]).toEqual([said === notice, said === notice]);
  }
});

describe('what a list of mails shows beside the subject', () => {
  const preheaderOf = (template: TemplateName) =>
    /aria-hidden="true"[^>]*>([^<]*)/.exec(
      renderAlert(template, 'customer', { ...content, at: new Date('2026-11-24T13:30:00Z') }).html,
    )?.[1];

  it('is the time by which to answer', () => {
    expect(preheaderOf('information_requested')).toMatch(/^Please answer by: Tuesday/);
  });

  it('is no time that has passed already', () => {
    expect(preheaderOf('promise_missed')).toMatch(/^We are sorry: /);
  });

  it('may break after its last word', () => {
    expect(preheaderOf('resolved')).toMatch(/there\. \u00A0\u200C/);
  });
});

it('refuses a template that its reader never gets', () => {
  const wanted = expect.objectContaining({ code: 'no_such_template' });
  expect(() => renderAlert('assigned', 'guest', content)).toThrow(wanted);
  expect(() => renderAlert('constructor' as never, 'guest', content)).toThrow(wanted);
});

import { describe, expect, it } from '@jest/globals';
import type { Content } from '../channel.js';
import { freezePush, thawPush } from './frozen-push.js';

const NOW = new Date('2026-11-22T10:00:00Z');
const SECRET = Buffer.alloc(32, 7);
const content: Content = {
  deliveryId: '0199f3a1-7c1e-4d55-9d2e-3b6a5b1f0c11',
  endpoint: 'u-1',
  generation: 0,
  copy: 0,
  system: 'bellhop',
  ticketId: 'b3b9c2f0-7c1e-4d55-9d2e-3b6a5b1f0c11',
  ticketNumber: 'G4XS1R',
  version: 2,
  recipient: { role: 'requester', kind: 'user' },
  isOfOtherSystem: false,
  locale: 'de-AT',
  timezone: 'Europe/Vienna',
  template: 'replied',
  phrase: null,
  at: null,
  count: 1,
  link: 'https://support.example.test/tickets/b3b9c2f0-7c1e-4d55-9d2e-3b6a5b1f0c11',
  firstAt: NOW,
  now: NOW,
};
const frozen = (over: Partial<Content> = {}) =>
  thawPush(freezePush({ ...content, ...over }, { brand: 'Example', secret: SECRET }));
const shown = (over: Partial<Content> = {}) => JSON.parse(frozen(over).text);

describe('S25 what a locked screen may show', () => {
  it('is a ticket with its number, and what happened, in the language of the person: nothing else', () => {
    expect(shown()).toEqual({
      web_push: 8030,
      notification: {
        title: 'Neue Antwort zu Ihrem Support-Ticket G4XS1R',
        lang: 'de',
        dir: 'auto',
        tag: frozen().topic,
        navigate: content.link,
        data: { v: 1, deliveryId: content.deliveryId, ticket: content.ticketId, kind: 'replied' },
      },
    });
  });

  it.each(['en', 'de', 'pl', 'zh-CN', 'xx'])('has a title of one line in %s, whatever happened', (locale) => {
    for (const template of ['replied', 'information_requested', 'resolved', 'promise_missed'] as const) {
      const { title, lang } = shown({ locale, template }).notification;
      expect(title).toContain('G4XS1R');
      expect(title).not.toMatch(/\n|undefined|\{/);
      expect(lang).toBe(locale === 'xx' ? 'en' : locale);
    }
  });

  it('counts the replies that it tells of', () => {
    expect(shown({ locale: 'en', count: 3 }).notification.title).toBe('Your support ticket G4XS1R has 3 new replies');
  });
});

describe('how a push service treats it', () => {
  it('its topic is that of the person and the ticket, and tells the service neither', () => {
    const { topic } = frozen();
    expect(topic).toMatch(/^[0-9a-f]{32}$/);
    expect(frozen({ template: 'resolved', count: 4 }).topic).toBe(topic);
    const others = [frozen({ endpoint: 'u-2' }), frozen({ ticketId: 'T' }), frozen({ system: 'crm' })];
    expect(new Set([topic, ...others.map((one) => one.topic)]).size).toBe(4);
    expect(thawPush(freezePush(content, { brand: 'Example', secret: Buffer.alloc(32, 8) })).topic).not.toBe(topic);
  });

  it('what waits for the person, or ends their waiting, is urgent', () => {
    const urgency = (template: Content['template']) => frozen({ template }).urgency;
    expect(urgency('information_requested')).toBe('high');
    expect(urgency('resolved')).toBe('high');
    expect(urgency('replied')).toBe('normal');
  });

  it('it is worth sending for a day, or until what it announces is over', () => {
    const until = (at: string | null) =>
      new Date(frozen({ at: at === null ? null : new Date(at) }).expiresAt).toISOString();
    expect(until(null)).toBe('2026-11-23T10:00:00.000Z');
    expect(until('2026-11-22T12:00:00Z')).toBe('2026-11-22T12:00:00.000Z');
    expect(until('2026-11-25T12:00:00Z')).toBe('2026-11-23T10:00:00.000Z');
    expect(until('2026-11-21T12:00:00Z')).toBe('2026-11-23T10:00:00.000Z');
  });

  it('what happened long ago is old news, unless an operator sends it again', () => {
    const firstAt = new Date('2026-11-20T10:00:00Z');
    expect(frozen({ firstAt }).expiresAt).toBe(Date.parse('2026-11-21T10:00:00Z'));
    expect(frozen({ firstAt, generation: 1 }).expiresAt).toBe(Date.parse('2026-11-23T10:00:00Z'));
    expect(frozen({ firstAt, copy: 1 }).expiresAt).toBe(Date.parse('2026-11-23T10:00:00Z'));
  });

  it('it stays below 1.5 kB, or is not sent', () => {
    expect(Buffer.byteLength(frozen().text)).toBeLessThan(600);
    expect(() => frozen({ link: `https://example.com/${'x'.repeat(1_500)}` })).toThrow('1500 bytes');
  });

  it('a code never goes this way', () => {
    expect(() => frozen({ template: 'code', code: '123456', link: null })).toThrow('e-mail alone');
  });
});

import { describe, expect, it } from '@jest/globals';
import { notificationOf } from './notification.js';

const origin = 'https://support.example.com';
const push = (notification: object) => JSON.stringify({ web_push: 8030, notification });

describe('W1 a push shows a notification', () => {
  it('with the words, the place and the ticket that it names', () => {
    const told = { title: 'Your support ticket 7K4M2Q has a new reply', lang: 'en', dir: 'auto', tag: 'a1' };
    const text = push({ ...told, navigate: `${origin}/tickets/t1`, data: { v: 1, ticket: 't1' } });
    expect(notificationOf(text, origin)).toMatchObject({
      title: told.title,
      options: { tag: 'a1', renotify: true, data: { url: `${origin}/tickets/t1`, ticket: 't1' } },
    });
  });

  it.each([
    undefined,
    '',
    'no json',
    'null',
    '[]',
    '{}',
    push({}),
    push({ title: '', tag: '', dir: 'up', data: null }),
  ])('also where it carries %j', (text) => {
    const { title, options } = notificationOf(text, origin);
    expect([title, options.tag, options.dir, options.data.url]).toEqual([
      'Bellhop',
      'bellhop',
      'auto',
      `${origin}/tickets`,
    ]);
  });

  it.each(['https://evil.example/tickets/t1', '//evil.example', 'javascript:alert(1)', 7])(
    'that leads to no other place: %s',
    (navigate) => {
      expect(notificationOf(push({ title: 'x', navigate }), origin).options.data.url).toBe(`${origin}/tickets`);
    },
  );
});

import { describe, expect, it } from '@jest/globals';
import { openPage, type Page } from './open-page.js';

const url = 'https://support.example.com/tickets/t1';

/** What was done, in order. */
function pages(...given: { url: string; isVisible?: boolean; refuses?: boolean }[]) {
  const done: string[] = [];
  const open: Page[] = given.map((one, at) => ({
    url: one.url,
    visibilityState: one.isVisible ? 'visible' : 'hidden',
    focus: async () => {
      done.push(`focus ${at}`);
      if (one.refuses) throw new Error('InvalidAccessError');
    },
    postMessage: (message) => done.push(`tell ${at} ${message.open}`),
  }));
  const press = () => openPage(open, url, async (opened) => done.push(`window ${opened}`));
  return { press, done };
}

describe('W7 a press on a notification', () => {
  it('focuses the page that shows the ticket', async () => {
    const { press, done } = pages({ url: 'https://support.example.com/help', isVisible: true }, { url });
    await press();
    expect(done).toEqual(['focus 1', `tell 1 ${url}`]);
  });

  it('takes the page in sight where none shows the ticket', async () => {
    const { press, done } = pages({ url: 'a' }, { url: 'b', isVisible: true });
    await press();
    expect(done).toEqual(['focus 1', `tell 1 ${url}`]);
  });

  it('tells the page also when it refuses the focus', async () => {
    const { press, done } = pages({ url, refuses: true });
    await press();
    expect(done).toEqual(['focus 0', `tell 0 ${url}`]);
  });

  it('opens exactly one window where no page is open', async () => {
    const { press, done } = pages();
    await press();
    expect(done).toEqual([`window ${url}`]);
  });
});

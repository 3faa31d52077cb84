import type { MessageView } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { afterSending, interrupted, notArrived, type Pending, type Sending } from './outbox.js';

const file = { id: 'f1', name: 'a.png', type: 'image/png', sizeBytes: 3 };
const pending = (key: string, body: string, more: Partial<Pending> = {}): Omit<Pending, 'state'> => ({
  ...{ key, body, files: [], at: 0, before: [] },
  ...more,
});
const message = (id: string, body: string, more: Partial<MessageView> = {}): MessageView => ({
  ...{ id, author: 'customer', kind: 'message', body, attachments: [], createdAt: '2026-11-30T12:00:00Z' },
  ...more,
});

/** Every order of what can happen. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((first, at) => orders(items.filter((_, other) => other !== at)).map((rest) => [first, ...rest]));
}

/** An answer to the request, or the conversation as it was read. */
type Step = { event: Sending } | { read: MessageView[] };
const own = message('m1', 'It left at 11:05');
const after: MessageView[] = [own];
const reply = message('m2', 'Thank you', { author: 'agent' });

function bubbles(steps: readonly Step[]): number[] {
  let outbox = afterSending([], { type: 'send', pending: pending('k1', 'It left at 11:05') });
  let messages: readonly MessageView[] = [];
  return steps.map((step) => {
    if ('event' in step) outbox = afterSending(outbox, step.event);
    else messages = step.read;
    const texts = [...messages, ...notArrived(outbox, messages)].map(({ body }) => body);
    return texts.filter((text) => text === own.body).length;
  });
}

describe('P14 an answer on its way', () => {
  const taken: Step = { event: { type: 'taken', key: 'k1', messageId: 'm1' } };
  const lost: Step = { event: { type: 'failed', key: 'k1', reason: 'unreachable' } };
  const again: Step = { event: { type: 'again', key: 'k1' } };

  it.each(orders<Step>([taken, { read: after }, { read: [own, reply] }]))(
    'is one bubble in any order (%#)',
    (...steps) => {
      expect(bubbles(steps as Step[])).toEqual([1, 1, 1]);
    },
  );

  it.each(orders<Step>([lost, again, taken, { read: after }]))(
    'is one bubble though its answer got lost (%#)',
    (...steps) => {
      expect(bubbles(steps as Step[])).toEqual([1, 1, 1, 1]);
    },
  );

  it('P1 is sent once however often the button is pressed', () => {
    const send: Sending = { type: 'send', pending: pending('k1', 'hello') };
    const outbox = [send, send, send].reduce<readonly Pending[]>(afterSending, []);
    expect(outbox).toHaveLength(1);
    const retried = [
      { type: 'failed', key: 'k1', reason: 'unreachable' } as const,
      { type: 'again', key: 'k1' } as const,
    ];
    expect(retried.reduce<readonly Pending[]>(afterSending, outbox)).toMatchObject([{ key: 'k1', state: 'sending' }]);
  });

  it('is not mistaken for an equal one that was there before, nor two for one', () => {
    const ok = message('m1', 'ok');
    const one = afterSending([], { type: 'send', pending: pending('k1', 'ok', { before: ['m1'] }) });
    expect(notArrived(one, [ok])).toHaveLength(1);
    const two = afterSending(one, { type: 'send', pending: pending('k2', 'ok', { before: ['m1'] }) });
    expect(notArrived(two, [ok, message('m2', 'ok')]).map(({ key }) => key)).toEqual(['k2']);
    expect(notArrived(two, [ok, message('m2', 'ok'), message('m3', 'ok')])).toEqual([]);
  });

  it('is known by its files, too', () => {
    const outbox = afterSending([], { type: 'send', pending: pending('k1', '', { files: [file] }) });
    expect(notArrived(outbox, [message('m1', '')])).toHaveLength(1);
    expect(notArrived(outbox, [message('m1', '', { attachments: [file] })])).toEqual([]);
  });

  it('stays sent, whatever a later try says', () => {
    const steps: Sending[] = [
      { type: 'send', pending: pending('k1', 'hello') },
      { type: 'taken', key: 'k1', messageId: 'm1' },
      { type: 'failed', key: 'k1', reason: 'unreachable' },
    ];
    expect(steps.reduce<readonly Pending[]>(afterSending, [])).toMatchObject([{ state: 'sent', messageId: 'm1' }]);
  });

  it('waits with "try again" when the page was closed meanwhile', () => {
    const outbox = afterSending([], { type: 'send', pending: pending('k1', 'hello') });
    expect(interrupted(outbox)).toMatchObject([{ key: 'k1', state: 'failed', reason: 'unreachable' }]);
  });
});

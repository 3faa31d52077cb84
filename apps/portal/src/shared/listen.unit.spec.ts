import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { announceSignOut } from './signed-out.js';
import { listen } from './stream.js';

/** As a browser makes it: after an answer that is not 200 it is closed, and never tries again by itself. */
class Source extends EventTarget {
  static made: Source[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  constructor(readonly url: string) {
    super();
    Source.made.push(this);
  }
  close(): void {
    this.isClosed = true;
  }
  refuse(): void {
    this.isClosed = true;
    this.onerror?.();
  }
}

const browser = globalThis as unknown as Record<string, unknown>;
const NAMES = ['document', 'window', 'navigator', 'EventSource'];
const before = NAMES.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const);
let stop: () => void;
let looks: number;

beforeEach(() => {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  Source.made = [];
  looks = 0;
  const parts = {
    document: Object.assign(new EventTarget(), { visibilityState: 'visible' }),
    window: new EventTarget(),
    navigator: { onLine: true },
    EventSource: Source,
  };
  for (const [name, value] of Object.entries(parts))
    Object.defineProperty(browser, name, { value, configurable: true });
  stop = listen({ url: '/stream', event: 'feed', onHint: () => undefined, onLook: () => void looks++ });
});
afterEach(() => {
  stop();
  jest.useRealTimers();
  for (const [name, was] of before) {
    if (was) Object.defineProperty(browser, name, was);
    else delete browser[name];
  }
});

/** How long until the next one is made, in milliseconds. */
function pause(): number {
  const count = Source.made.length;
  let ms = 0;
  while (Source.made.length === count && ms < 60_000) {
    jest.advanceTimersByTime(100);
    ms += 100;
  }
  return ms;
}

/** What one tab says reaches the others in some turns of the event loop. */
async function heard(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
}

describe('an event stream that is answered 503', () => {
  it('is begun again with a growing pause, and each time after a look', () => {
    const pauses: number[] = [];
    for (let count = 0; count < 4; count++) {
      Source.made.at(-1)?.refuse();
      pauses.push(pause());
    }
    expect(pauses[0]).toBeLessThanOrEqual(1_100);
    expect(pauses[3]).toBeGreaterThanOrEqual(4_000);
    expect(Source.made).toHaveLength(5);
    expect(looks).toBe(5);
  });
});

describe('after somebody has signed out', () => {
  it('a stream is closed and stays so, in whatever tab', async () => {
    const [source] = Source.made;
    announceSignOut();
    await heard();
    expect(source?.isClosed).toBe(true);
    expect(pause()).toBe(60_000);
    (browser.document as EventTarget).dispatchEvent(new Event('visibilitychange'));
    expect(Source.made).toHaveLength(1);
  });

  it('none that was waiting is begun', async () => {
    Source.made[0]?.refuse();
    announceSignOut();
    await heard();
    expect(pause()).toBe(60_000);
  });
});

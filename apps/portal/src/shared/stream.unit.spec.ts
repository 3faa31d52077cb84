import { describe, expect, it } from '@jest/globals';
import { afterStreamEvent, OFF, type StreamEffect, type StreamEvent } from './stream.js';

/** What is done at each event. */
function effects(events: readonly StreamEvent[], random = 1): string[] {
  let state = OFF;
  return events.map((event) => {
    const [next, wanted] = afterStreamEvent(state, event, random);
    state = next;
    return wanted.map(say).join(', ');
  });
}
const say = (effect: StreamEffect) => (effect.do === 'wait' ? `wait ${effect.ms}` : effect.do);

describe('P10 an event stream', () => {
  it('is opened after a look when the page comes into sight, and closed when it leaves', () => {
    expect(effects(['wanted', 'opened', 'unwanted', 'wanted'])).toEqual([
      'look, connect',
      '',
      'close',
      'look, connect',
    ]);
  });

  it('is opened once, however many reasons there are', () => {
    expect(effects(['wanted', 'wanted', 'opened', 'wanted'])).toEqual(['look, connect', '', '', '']);
  });

  it('waits longer after each failure, and not for ever', () => {
    const failing: StreamEvent[] = Array.from({ length: 8 }, () => ['lost', 'due'] as const).flat();
    const waits = effects(['wanted', ...failing]).flatMap((done) => done.match(/wait (\d+)/)?.[1] ?? []);
    expect(waits.map(Number)).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it('spreads what many pages do', () => {
    expect(effects(['wanted', 'lost'], 0)[1]).toBe('close, wait 500');
  });

  it('begins with the shortest wait again after it has been open', () => {
    expect(effects(['wanted', 'lost', 'due', 'lost', 'due', 'opened', 'lost']).at(-1)).toBe('close, wait 1000');
  });

  it('stays off while nobody looks, whatever comes late', () => {
    expect(effects(['wanted', 'lost', 'unwanted', 'due', 'lost', 'opened'])).toEqual([
      'look, connect',
      'close, wait 1000',
      'close',
      '',
      '',
      '',
    ]);
  });
});

import { waitFor } from '@bellhop/local-stack';
import { afterEach, describe, expect, it } from '@jest/globals';
import { CircuitBreaker } from './circuit-breaker.js';

let isHealthy: () => Promise<boolean>;
let probes = 0;
let events: string[] = [];
let breaker: CircuitBreaker;

function breakerOver(answer: () => Promise<boolean>): CircuitBreaker {
  isHealthy = answer;
  [probes, events] = [0, []];
  breaker = new CircuitBreaker({
    isHealthy: () => {
      probes++;
      return isHealthy();
    },
    onOpen: (cause) => events.push(`opened: ${cause}`),
    onClose: (ms) => events.push(ms >= 0 ? 'closed' : 'bad time'),
  });
  return breaker;
}
afterEach(() => breaker.stop());

describe('CircuitBreaker', () => {
  it('probes once for all concurrent checks, and stays closed when the answer is yes', async () => {
    breakerOver(async () => true);
    expect(await Promise.all([breaker.check(), breaker.check(), breaker.check()])).toEqual([true, true, true]);
    expect({ probes, events, isClosed: breaker.isClosed }).toEqual({ probes: 1, events: [], isClosed: true });
    await breaker.closed();
  });

  it.each([
    ['no', async () => false],
    ['an error', async () => Promise.reject(new Error('down'))],
    [
      'a throw',
      () => {
        throw new Error('down');
      },
    ],
  ])('opens on %s and closes by itself when the answer changes', async (_, answer) => {
    breakerOver(answer);
    expect(await breaker.check('lost')).toBe(false);
    expect({ events, isClosed: breaker.isClosed }).toEqual({ events: ['opened: lost'], isClosed: false });
    expect(await breaker.check()).toBe(false);
    const closed = breaker.closed();
    isHealthy = async () => true;
    await closed;
    expect({ events, isClosed: breaker.isClosed }).toEqual({ events: ['opened: lost', 'closed'], isClosed: true });
    expect(await breaker.check()).toBe(true);
  });

  it('stops probing when stopped', async () => {
    breakerOver(async () => false);
    await breaker.check();
    await waitFor(() => probes > 1);
    breaker.stop();
    await breaker.closed();
    expect(await breaker.check()).toBe(false);
  });
});

import { waitFor } from '@bellhop/local-stack';
import { afterEach, describe, expect, it } from '@jest/globals';
import { HealthGate } from './health-gate.js';

let isHealthy: () => Promise<boolean>;
let asked = 0;
let events: string[] = [];
let gate: HealthGate;

function open(answer: () => Promise<boolean>): HealthGate {
  isHealthy = answer;
  [asked, events] = [0, []];
  gate = new HealthGate({
    isHealthy: () => {
      asked++;
      return isHealthy();
    },
    onClose: (cause) => events.push(`closed: ${cause}`),
    onOpen: (ms) => events.push(ms >= 0 ? 'opened' : 'bad time'),
  });
  return gate;
}
afterEach(() => gate.stop());

describe('HealthGate', () => {
  it('asks once for all who ask at the same time, and stays open when the answer is yes', async () => {
    open(async () => true);
    expect(await Promise.all([gate.check(), gate.check(), gate.check()])).toEqual([true, true, true]);
    expect({ asked, events, isOpen: gate.isOpen }).toEqual({ asked: 1, events: [], isOpen: true });
    await gate.opened();
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
  ])('closes on %s and opens by itself when the answer changes', async (_, answer) => {
    open(answer);
    expect(await gate.check('lost')).toBe(false);
    expect({ events, isOpen: gate.isOpen }).toEqual({ events: ['closed: lost'], isOpen: false });
    expect(await gate.check()).toBe(false);
    const opened = gate.opened();
    isHealthy = async () => true;
    await opened;
    expect({ events, isOpen: gate.isOpen }).toEqual({ events: ['closed: lost', 'opened'], isOpen: true });
    expect(await gate.check()).toBe(true);
  });

  it('stops asking when stopped', async () => {
    open(async () => false);
    await gate.check();
    await waitFor(() => asked > 1);
    gate.stop();
    await gate.opened();
    expect(await gate.check()).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { History } from '../src/history/history.js';
import { markdownOf, reportOf } from '../src/report/report.js';
import { runStorm, type StormOptions } from '../src/report/run-storm.js';

const SEED = 37_217;
const STORM: Omit<StormOptions, 'provider' | 'history'> = {
  seed: SEED,
  hasGuests: true,
  hasErp: true,
  // About half a minute; the limit is for a busy machine.
  steps: 5,
  durationMs: 120_000,
  quietMs: 60_000,
};

describe('a short storm', () => {
  it(`of seed ${SEED}: nothing is lost, nobody is notified twice, nothing stays unfinished`, async () => {
    const history = new History();
    const result = await runStorm({ ...STORM, provider: 'resend', history });
    const report = reportOf(result, { seed: SEED, history });
    console.log(markdownOf(report));
    expect(report.violations).toEqual([]);
    // Otherwise there was no storm.
    expect(report.mails).toBeGreaterThan(100);
    expect(report.copies).toBe(0);
    expect(report.pushes).toBeGreaterThan(10);
    expect(report.endedDevices).toBeGreaterThan(0);
    expect(report.pages).toBeGreaterThan(5);
    expect(report.provenGuests).toBeGreaterThan(0);
    expect(Object.keys(report.systems).sort()).toEqual(['bellhop', 'crm', 'erp']);
    expect(report.deadLetters).toBeGreaterThan(0);
    expect(Object.keys(report.troubles)).toEqual([
      'stop_postgres',
      'misbehave_push',
      'lose_devices',
      'kill',
      'stop_nats',
      'misbehave',
      'rollback',
      'freeze',
    ]);
    expect(report.eventsRolledBack).toBeGreaterThan(0);
  });
});

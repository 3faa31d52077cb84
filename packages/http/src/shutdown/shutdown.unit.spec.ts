import { describe, expect, it } from '@jest/globals';
import { jsonLogger } from '../logging/json-logger.js';
import { HARD_EXIT_MS, SHUTDOWN_PHASES, Shutdown, type ShutdownPhase } from './shutdown.js';

const log = jsonLogger('test', { write: () => undefined });

describe('Shutdown', () => {
  it('goes through its phases in order, whatever the order of adding', async () => {
    const shutdown = new Shutdown(log);
    const seen: string[] = [];
    for (const phase of Object.keys(SHUTDOWN_PHASES).reverse() as ShutdownPhase[]) {
      shutdown.add(phase, phase, async () => void seen.push(phase));
    }
    await shutdown.run();
    expect(seen).toEqual([
      'stopTaking',
      'consumers',
      'workers',
      'streams',
      'requests',
      'relay',
      'http',
      'nats',
      'database',
    ]);
  });

  it('is done before the hard exit even if every phase uses up its budget', () => {
    const sum = Object.values(SHUTDOWN_PHASES).reduce((total, budgetMs) => total + budgetMs, 0);
    expect(sum).toBeLessThan(HARD_EXIT_MS);
  });

  it('does not let a phase that fails or hangs keep the others from theirs', async () => {
    const shutdown = new Shutdown(log);
    const seen: string[] = [];
    shutdown.add('stopTaking', 'throws', () => {
      throw new Error('broken');
    });
    shutdown.add('streams', 'rejects', () => Promise.reject(new Error('broken')));
    shutdown.add('streams', 'hangs', () => new Promise(() => undefined));
    shutdown.add('database', 'last', () => void seen.push('last'));
    const startedAt = performance.now();
    await shutdown.run();
    expect(seen).toEqual(['last']);
    expect(performance.now() - startedAt).toBeLessThan(SHUTDOWN_PHASES.streams + 500);
  });

  it('runs once, and tells everybody who asks when it is done', async () => {
    const shutdown = new Shutdown(log);
    let runs = 0;
    shutdown.add('workers', 'loop', () => {
      runs += 1;
    });
    expect(shutdown.hasBegun).toBe(false);
    await Promise.all([shutdown.run(), shutdown.run()]);
    expect([runs, shutdown.hasBegun]).toEqual([1, true]);
  });
});

import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Cleanups } from './cleanups.js';

describe('cleanups', () => {
  it('run once each, the last that was added first', async () => {
    const cleanups = new Cleanups();
    const ran: string[] = [];
    cleanups.add(() => ran.push('first'));
    await cleanups.owned(Promise.resolve({ stop: async () => ran.push('second') }));
    cleanups.add(() => ran.push('third'));
    await cleanups.run();
    await cleanups.run();
    expect(ran).toEqual(['third', 'second', 'first']);
  });

  it('all run, also when one fails, which is reported', async () => {
    const errors: unknown[] = [];
    const cleanups = new Cleanups((error) => errors.push(error));
    const failure = new Error('does not stop');
    const folder = await cleanups.folder('bellhop-cleanups-');
    cleanups.add(() => Promise.reject(failure));
    expect(existsSync(folder)).toBe(true);
    await cleanups.run();
    expect(existsSync(folder)).toBe(false);
    expect(errors).toEqual([failure]);
  });
});

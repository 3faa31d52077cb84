import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { configFields } from './config-fields.js';
import { describeConfig } from './describe-config.js';

describe('describeConfig', () => {
  it('gives name, meaning, unit, default and example of each setting', () => {
    const { NATS_URL, PORT, DATABASE_POOL_SIZE, PUBLIC_URL } = configFields;
    const rows = describeConfig(z.object({ NATS_URL, PORT: PORT.default(3001), DATABASE_POOL_SIZE, PUBLIC_URL }));
    expect(rows.map(({ name, isRequired, default: fallback, unit }) => [name, isRequired, fallback, unit])).toEqual([
      ['NATS_URL', true, undefined, undefined],
      ['PORT', false, '3001', undefined],
      ['DATABASE_POOL_SIZE', false, '10', 'connections'],
      ['PUBLIC_URL', true, undefined, undefined],
    ]);
  });

  it('has a sentence and an example for every shared setting', () => {
    for (const row of describeConfig(z.object(configFields))) {
      expect(row).toMatchObject({ description: expect.stringMatching(/.{10}/), example: expect.any(String) });
    }
  });
});

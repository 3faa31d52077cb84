import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { migratedDatabase } from '../../test/database.js';
import { parsePayloadKeys } from '../payload/payload-keys.js';
import { openPhrase, sealPhrase } from './phrase.js';
import { sealPhrasesAnew } from './seal-phrases-anew.js';
import { storePhrase } from './store-settings.js';

let dataSource: DataSource;
let stop: () => Promise<void>;

beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());

it('after a rotation every phrase is sealed with the new key, but those whose key is gone', async () => {
  const [former, next, lost] = [1, 2, 3].map(() => randomBytes(32).toString('base64')) as [string, string, string];
  const people = Array.from({ length: 7 }, (_, index) => `bellhop:user:${index}`);
  for (const person of people) {
    const sealed = await sealPhrase(`phrase of ${person}`, person, parsePayloadKeys(former));
    await storePhrase(dataSource.manager, person, sealed);
  }
  await storePhrase(dataSource.manager, 'bellhop:user:lost', await sealPhrase('x y z', 'lost', parsePayloadKeys(lost)));
  const keys = parsePayloadKeys(`${next},${former}`);
  expect(await sealPhrasesAnew(dataSource, keys, { batchSize: 3 })).toBe(7);
  for (const person of people) {
    const [{ sealed }] = await dataSource.query(
      'select sealed_phrase as sealed from person_settings where person = $1',
      [person],
    );
    expect(await openPhrase(sealed, person, parsePayloadKeys(next))).toBe(`phrase of ${person}`);
    await expect(openPhrase(sealed, 'bellhop:user:other', parsePayloadKeys(next))).rejects.toThrow();
  }
  expect(await sealPhrasesAnew(dataSource, keys, { batchSize: 3 })).toBe(0);
});

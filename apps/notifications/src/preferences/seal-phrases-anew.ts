import { type BatchOptions, inBatches } from '@bellhop/postgres';
import { Logger } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import type { PayloadKey } from '../payload/payload-keys.js';
import { openPhrase, sealPhrase } from './phrase.js';

const log = new Logger('phrases');

/** Those sealed with another key than the newest, whose id begins in the second byte. */
const FORMER = `
  select person, sealed_phrase as sealed from person_settings
  where sealed_phrase is not null and substring(sealed_phrase from 2 for 4) <> $1 and person > $2
  order by person limit $3`;

const REPLACE = `
  update person_settings s set sealed_phrase = n.sealed
  from unnest($1::text[], $2::bytea[], $3::bytea[]) as n (person, former, sealed)
  where s.person = n.person and s.sealed_phrase = n.former`;

interface Row {
  readonly person: string;
  readonly sealed: Buffer;
}

/**
 * Phrases are kept for years, and a former key of PAYLOAD_KEY only for a month: after a rotation they are sealed with the new one.
 * in: the keys · out: how many were sealed anew · lock: their rows · race: a phrase that its person changes meanwhile stays theirs.
 */
export async function sealPhrasesAnew(
  dataSource: DataSource,
  keys: readonly [PayloadKey, ...PayloadKey[]],
  options: BatchOptions,
): Promise<number> {
  let after = '';
  let count = 0;
  await inBatches(async (limit) => {
    const rows: Row[] = await dataSource.query(FORMER, [keys[0].id, after, limit]);
    const fresh = (await Promise.all(rows.map((row) => sealedAnew(row, keys)))).flat();
    await dataSource.query(REPLACE, [
      fresh.map(({ person }) => person),
      fresh.map(({ sealed }) => sealed),
      fresh.map(({ anew }) => anew),
    ]);
    after = rows.at(-1)?.person ?? after;
    count += fresh.length;
    return rows.length;
  }, options);
  return count;
}

/** Nothing for one whose key is gone: it cannot be read any more, and its person sets another one. */
async function sealedAnew({ person, sealed }: Row, keys: readonly [PayloadKey, ...PayloadKey[]]) {
  try {
    return [{ person, sealed, anew: await sealPhrase(await openPhrase(sealed, person, keys), person, keys) }];
  } catch (error) {
    log.warn({ message: 'a phrase cannot be read: was its key removed from PAYLOAD_KEY?', error });
    return [];
  }
}

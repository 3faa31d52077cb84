import { identifier, type User } from '@bellhop/contracts/persons';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migratedDatabase, type TicketsDatabase } from '../../test/database.js';
import { findAgent } from './agents.js';
import { PersonEntity } from './person.entity.js';
import { type ClaimedPerson, personKey } from './person.js';
import { rememberPerson } from './remember-person.js';

let database: TicketsDatabase;
beforeAll(async () => {
  database = await migratedDatabase();
});
afterAll(() => database.stop());

const AT = new Date('2026-11-22T10:00:00.000Z');
const LATER = new Date('2026-11-22T11:00:00.000Z');

const remember = (person: ClaimedPerson, isAgent: boolean, now = AT) =>
  rememberPerson(database.dataSource.manager, person, isAgent, now);
const known = (id: string) => database.dataSource.manager.findOneByOrFail(PersonEntity, { id });
const rowVersion = async (id: string) =>
  (await database.dataSource.query('select xmin, xmax, ctid from people where id = $1', [id]))[0];

describe('a person', () => {
  const ada: User = { kind: 'user', id: 'ada', email: 'ada@example.com', locale: 'en', timezone: 'Europe/London' };

  it('is known from the first request on', async () => {
    await remember(ada, false);
    expect(await known('ada')).toMatchObject({ isAgent: false, email: 'ada@example.com', locale: 'en' });
  });

  it('costs no write, not even a lock, while nothing changes', async () => {
    const before = await rowVersion('ada');
    await remember(ada, false, LATER);
    expect(await rowVersion('ada')).toEqual(before);
    expect((await known('ada')).changedAt).toEqual(AT);
  });

  it('is stored as last seen; a missing claim removes nothing, and costs no write', async () => {
    await remember({ kind: 'user', id: 'ada', email: 'new@example.com', locale: 'pl' }, true, LATER);
    const before = await rowVersion('ada');
    const still = { kind: 'user', id: 'ada', email: 'new@example.com', locale: 'pl', timezone: 'Europe/London' };
    expect(await remember({ kind: 'user', id: 'ada' }, true, LATER)).toEqual(still);
    expect(await rowVersion('ada')).toEqual(before);
    expect(await known('ada')).toEqual({
      id: 'ada',
      kind: 'user',
      isAgent: true,
      email: 'new@example.com',
      locale: 'pl',
      timezone: 'Europe/London',
      changedAt: LATER,
    });
  });

  it('has no address once the provider withdraws it', async () => {
    const left = { kind: 'user', id: 'ada', locale: 'pl', timezone: 'Europe/London' };
    expect(await remember({ kind: 'user', id: 'ada', email: null }, true, LATER)).toEqual(left);
    expect((await known('ada')).email).toBeNull();
    expect(await remember({ kind: 'user', id: 'ada', email: null }, true)).toEqual(left);
    expect((await known('ada')).changedAt).toEqual(LATER);
  });

  it('may first appear with many concurrent requests', async () => {
    await Promise.all(Array.from({ length: 8 }, () => remember({ kind: 'user', id: 'jan' }, false)));
    expect(await known('jan')).toMatchObject({ id: 'jan', email: null });
  });
});

describe('the key of a guest', () => {
  const insert = (values: string) =>
    database.dataSource.query(`insert into people (id, kind, is_agent, email, changed_at) values (${values}, now())`);

  it('never equals the key of an account', async () => {
    await insert(`'guest:jana@example.com', 'guest', false, 'jana@example.com'`);
    const wrong = [
      `'guest:eve@example.com', 'user', false, 'eve@example.com'`,
      `'eve@example.com', 'user', false, 'eve@example.com'`,
      `'guest:eve@example.com', 'guest', false, 'jana@example.com'`,
      `'guest:eve@example.com', 'guest', false, null`,
      `'eve', 'guest', false, 'eve@example.com'`,
      `'guest:eve@example.com', 'guest', true, 'eve@example.com'`,
    ];
    for (const values of wrong) await expect(insert(values)).rejects.toThrow('people_keys');
  });

  it('is no identifier, as the id of every account is', () => {
    const key = personKey({ kind: 'guest', email: 'jana@example.com' });
    expect(key).toBe('guest:jana@example.com');
    expect(identifier.safeParse(key).success).toBe(false);
  });
});

describe('an agent, by address,', () => {
  const find = (address: string) => findAgent(database.dataSource.manager, address);
  beforeAll(async () => {
    await remember({ kind: 'user', id: 'mira-old', email: 'mira@example.com' }, true, AT);
    await remember({ kind: 'user', id: 'mira', email: 'Mira@example.com', locale: 'de' }, true, LATER);
    await remember({ kind: 'user', id: 'carl', email: 'carl@example.com' }, false, AT);
  });

  it('is found however the address is typed, by the newest account', async () => {
    expect(await find('MIRA@example.com')).toEqual({
      kind: 'user',
      id: 'mira',
      email: 'Mira@example.com',
      locale: 'de',
    });
  });

  it.each(['carl@example.com', 'nobody@example.com'])('is not %s; the answer says who is known', async (address) => {
    const detail = expect.stringMatching(/signed in yet.*mira@example\.com/i);
    await expect(find(address)).rejects.toMatchObject({ status: 422, code: 'agent_unknown', detail });
  });
});

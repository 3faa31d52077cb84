import { type TestDatabase, testDatabase } from '@bellhop/local-stack';
import { dataSourceFor, isTransientError } from '@bellhop/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource, EntityManager } from 'typeorm';
import { migrate } from '../../test/test-service.js';
import { CreateIdempotencyKeys } from './create-idempotency-keys.js';
import { type Answer, forgetAnswer, type IdempotentRequest, idempotent } from './idempotent.js';
import { purgeIdempotencyKeys } from './purge-idempotency-keys.js';

let database: TestDatabase;
let dataSource: DataSource;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, [CreateIdempotencyKeys]);
  dataSource = await dataSourceFor({ service: 'test', url: database.url, poolSize: 20 }).initialize();
  await dataSource.query('create table effects (id bigint generated always as identity, name text)');
});
beforeEach(() => dataSource.query('truncate effects, idempotency_keys'));
afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const request = (changes: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
  key: 'k1',
  principal: 'ada',
  route: 'POST /tickets',
  body: { subject: 'x' },
  ...changes,
});

/** Leaves a row and answers with its id. */
const insert =
  (manager: EntityManager, name = 'effect') =>
  async () => {
    const [row] = await manager.query('insert into effects (name) values ($1) returning id', [name]);
    return { status: 201, body: row as unknown };
  };

const run = (made: IdempotentRequest | null, name?: string): Promise<Answer> =>
  dataSource.transaction((manager) => idempotent(manager, made, insert(manager, name)));

async function effects(): Promise<number> {
  const [row] = await dataSource.query('select count(*)::int as count from effects');
  return row.count;
}

describe('S33 a request that is sent again', () => {
  it('has its effect once and gets the first answer', async () => {
    const first = await run(request());
    const second = await run(request());
    expect(first).toMatchObject({ status: 201, isReplayed: false });
    expect(second).toEqual({ ...first, isReplayed: true });
    expect(await effects()).toBe(1);
  });

  it('twenty times at once has its effect once', async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => run(request())));
    expect(await effects()).toBe(1);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers.filter(({ isReplayed }) => !isReplayed)).toHaveLength(1);
  });

  it('with another body is refused, and has no effect', async () => {
    await run(request());
    await expect(run(request({ body: { subject: 'y' } }))).rejects.toMatchObject({
      status: 422,
      code: 'idempotency_key_reused',
    });
    expect(await effects()).toBe(1);
  });

  it('by another person, on another route or with another key is another request', async () => {
    for (const changes of [{}, { principal: 'jan' }, { route: 'POST /others' }, { key: 'k2' }])
      await run(request(changes));
    expect(await effects()).toBe(4);
  });

  it('after the first one failed is tried anew: effect and memory are lost together', async () => {
    const failing = dataSource.transaction((manager) =>
      idempotent(manager, request(), async () => {
        await insert(manager)();
        throw new Error('after the effect');
      }),
    );
    await expect(failing).rejects.toThrow('after the effect');
    expect(await effects()).toBe(0);
    expect(await run(request())).toMatchObject({ isReplayed: false });
  });

  it('while the first one still runs and then fails has the effect itself', async () => {
    const started = defer();
    const finish = defer();
    const first = dataSource.transaction((manager) =>
      idempotent(manager, request(), async () => {
        started.resolve();
        await finish.promise;
        throw new Error('rolled back');
      }),
    );
    await started.promise;
    const second = run(request());
    finish.resolve();
    await expect(first).rejects.toThrow('rolled back');
    expect(await second).toMatchObject({ isReplayed: false });
    expect(await effects()).toBe(1);
  });

  it('while the first one takes too long is told to come back', async () => {
    const started = defer();
    const finish = defer();
    const first = dataSource.transaction((manager) =>
      idempotent(manager, request(), async () => {
        started.resolve();
        await finish.promise;
        return { status: 204, body: undefined };
      }),
    );
    await started.promise;
    await expect(run(request())).rejects.toMatchObject({ status: 409, code: 'request_in_progress' });
    finish.resolve();
    await first;
    expect(await run(request())).toMatchObject({ status: 204, body: undefined, isReplayed: true });
  });
});

describe('an answer with words in it', () => {
  const words = async () => ({ status: 201, body: { id: 1, text: 'Nobody may read this' }, kept: { id: 1 } });
  const again = (recall: (kept: { id: number }) => Promise<unknown>) =>
    dataSource.transaction((manager) => idempotent(manager, request(), words, recall));

  it('is kept as ids, and its words are read again where they belong', async () => {
    const recall = async ({ id }: { id: number }) => ({ id, text: `read again: ${id}` });
    expect(await again(recall)).toMatchObject({ isReplayed: false, body: { id: 1, text: 'Nobody may read this' } });
    expect(await dataSource.query('select response from idempotency_keys')).toEqual([{ response: { id: 1 } }]);
    expect(await again(recall)).toMatchObject({
      ...{ status: 201, isReplayed: true },
      body: { id: 1, text: 'read again: 1' },
    });
  });

  it('is refused to a repetition when they are gone from there', async () => {
    await again(async () => null);
    await expect(again(async () => Promise.reject(new Error('gone')))).rejects.toThrow('gone');
  });
});

describe('idempotent', () => {
  it('just runs the effect when there is no key', async () => {
    await run(null);
    await run(null);
    expect(await effects()).toBe(2);
  });

  it('refuses to work outside a transaction, where memory and effect could part', async () => {
    await expect(idempotent(dataSource.manager, request(), insert(dataSource.manager))).rejects.toThrow('transaction');
  });

  it.each([['with', request()] as const, ['without', null] as const])(
    'waits 2 s at most for a row that somebody else holds (%s a key), and says that this passes',
    async (_what, made) => {
      const [row] = await dataSource.query(`insert into effects (name) values ('stuck') returning id`);
      const holder = dataSource.createQueryRunner();
      await holder.startTransaction();
      await holder.query('select from effects where id = $1 for update', [row.id]);
      const startedAt = performance.now();
      const waiting = dataSource.transaction((manager) =>
        idempotent(manager, made, async () => ({
          status: 200,
          body: await manager.query('update effects set name = name where id = $1', [row.id]),
        })),
      );
      const error: unknown = await waiting.catch((reason: unknown) => reason);
      await holder.rollbackTransaction();
      await holder.release();
      expect([isTransientError(error), (error as { code?: unknown }).code]).toEqual([true, '55P03']);
      expect(performance.now() - startedAt).toBeLessThan(4_000);
    },
  );

  it('forgets keys after 25 hours, not before', async () => {
    await run(request({ key: 'old' }));
    await run(request({ key: 'young' }));
    await dataSource.query(
      `update idempotency_keys set created_at = now() - interval '25 hours 1 minute' where key = 'old'`,
    );
    await dataSource.query(
      `update idempotency_keys set created_at = now() - interval '24 hours 59 minutes' where key = 'young'`,
    );
    expect(await purgeIdempotencyKeys(dataSource)).toBe(1);
    expect(await dataSource.query('select key from idempotency_keys')).toEqual([{ key: 'young' }]);
  });
});

function defer() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('a key whose effect was taken back', () => {
  it('is free again: the repeated request is a new one, and other keys are left alone', async () => {
    const [first, other] = [await run(request()), await run(request({ principal: 'jan' }))];
    await dataSource.transaction((manager) => forgetAnswer(manager, request()));
    expect(await run(request({ principal: 'jan' }))).toMatchObject({ isReplayed: true, body: other.body });
    const again = await run(request());
    expect(again.isReplayed).toBe(false);
    expect(again.body).not.toEqual(first.body);
  });

  it('is freed together with that, or not at all', async () => {
    const first = await run(request());
    const failed = dataSource.transaction(async (manager) => {
      await forgetAnswer(manager, request());
      throw new Error('the effect stays');
    });
    await expect(failed).rejects.toThrow('the effect stays');
    expect(await run(request())).toEqual({ ...first, isReplayed: true });
    await expect(forgetAnswer(dataSource.manager, request())).rejects.toThrow('transaction');
  });
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AfterCommit } from './after-commit.js';
import { databaseWith, type SpecDatabase } from './testing/index.js';

let database: SpecDatabase;
const notes = new AfterCommit<string>();
const heard: string[][] = [];

beforeAll(async () => {
  database = await databaseWith({});
  await database.dataSource.query('create table things (name text)');
  database.dataSource.subscribers.push(notes.subscriber((some) => heard.push([...some])));
});
beforeEach(() => {
  heard.length = 0;
});
afterAll(() => database?.stop());

describe('what a transaction has noted', () => {
  it('is handed over once, together, when its rows are visible to others, and not when a savepoint is released', async () => {
    await database.dataSource.transaction(async (manager) => {
      await manager.query(`insert into things values ('one')`);
      notes.note(manager, 'one');
      await manager.transaction(async (inner) => notes.note(inner, 'two'));
      expect(heard).toEqual([]);
    });
    expect(heard).toEqual([['one', 'two']]);
    await database.dataSource.transaction((manager) => manager.query('select 1'));
    expect(heard).toHaveLength(1);
  });

  it('is forgotten when it rolls back, also by whoever gets the connection next', async () => {
    const failing = database.dataSource.transaction(async (manager) => {
      notes.note(manager, 'lost');
      throw new Error('rolled back');
    });
    await expect(failing).rejects.toThrow('rolled back');
    const runner = database.dataSource.createQueryRunner();
    for (const end of ['rollbackTransaction', 'commitTransaction'] as const) {
      await runner.startTransaction();
      if (end === 'rollbackTransaction') notes.note(runner.manager, 'lost');
      await runner[end]();
    }
    await runner.release();
    expect(heard).toEqual([]);
  });

  it('needs a transaction', () => {
    expect(() => notes.note(database.dataSource.manager, 'one')).toThrow('outside a transaction');
  });
});

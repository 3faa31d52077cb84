import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { findTicket, upsertTickets } from '../src/tickets/ticket-store.js';
import type { TicketUpdate } from '../src/tickets/ticket-update.js';
import { migratedDatabase } from './database.js';

let dataSource: DataSource;
let stop: () => Promise<void>;
let ticketId: string;
beforeAll(async () => {
  ({ dataSource, stop } = await migratedDatabase());
});
afterAll(() => stop?.());
beforeEach(() => {
  ticketId = randomUUID();
});

const at = (hour: number) => new Date(Date.UTC(2026, 10, 22, hour));
const open = (version: number, locale: string | null = 'pl'): TicketUpdate => ({
  ...{ ticketId, number: 'A1', locale, version },
  ...{ closedAt: null, isCertain: true },
});
const closing = (version: number, hour: number): TicketUpdate => ({ ...open(version), closedAt: at(hour) });
const seenClosed = (version: number, hour: number): TicketUpdate => ({ ...closing(version, hour), isCertain: false });
const upsert = (...updates: TicketUpdate[]) => dataSource.transaction((manager) => upsertTickets(manager, updates));
const found = () => findTicket(dataSource.manager, ticketId);

describe('what is stored of a guest’s ticket', () => {
  it('is what its events tell, in one call or one after the other', async () => {
    await upsert(open(1), closing(2, 9), seenClosed(3, 10));
    expect(await found()).toEqual({ locale: 'pl', closedAt: at(9) });
    await upsert(open(4));
    expect(await found()).toEqual({ locale: 'pl', closedAt: null });
  });

  it('is not changed by an older update, even together with a newer one', async () => {
    await upsert(closing(6, 9));
    await upsert(open(4, 'de'), seenClosed(7, 11));
    expect(await found()).toEqual({ locale: 'pl', closedAt: at(9) });
  });

  it('costs two statements, for one ticket or for two hundred', async () => {
    const statements: string[] = [];
    dataSource.logger.logQuery = (sql) => void statements.push(sql.trim().split(' ', 2).join(' '));
    const updates = Array.from({ length: 200 }, () => ({ ...open(1), ticketId: randomUUID() }));
    await upsert(open(1));
    await upsert(...updates);
    const commit = ['START TRANSACTION', 'select id,', 'insert into', 'COMMIT'];
    expect(statements).toEqual([...commit, ...commit]);
  });
});

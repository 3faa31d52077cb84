import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { findTicket } from '../src/tickets/find-ticket.js';
import { rememberTickets } from '../src/tickets/remember-tickets.js';
import type { TicketFact } from '../src/tickets/ticket-fact.js';
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
const open = (version: number, locale: string | null = 'pl'): TicketFact => ({
  ...{ ticketId, number: 'A1', locale, version },
  ...{ closedAt: null, isSure: true },
});
const closing = (version: number, hour: number): TicketFact => ({ ...open(version), closedAt: at(hour) });
const seenClosed = (version: number, hour: number): TicketFact => ({ ...closing(version, hour), isSure: false });
const remember = (...facts: TicketFact[]) => dataSource.transaction((manager) => rememberTickets(manager, facts));
const found = () => findTicket(dataSource.manager, ticketId);

describe('what is remembered of a guest’s ticket', () => {
  it('is what its events tell, in one go or one after the other', async () => {
    await remember(open(1), closing(2, 9), seenClosed(3, 10));
    expect(await found()).toEqual({ locale: 'pl', closedAt: at(9) });
    await remember(open(4));
    expect(await found()).toEqual({ locale: 'pl', closedAt: null });
  });

  it('is not changed by what is older than it, whatever newer comes with it', async () => {
    await remember(closing(6, 9));
    await remember(open(4, 'de'), seenClosed(7, 11));
    expect(await found()).toEqual({ locale: 'pl', closedAt: at(9) });
  });

  it('costs two statements, for one ticket or for two hundred', async () => {
    const statements: string[] = [];
    dataSource.logger.logQuery = (sql) => void statements.push(sql.trim().split(' ', 2).join(' '));
    const facts = Array.from({ length: 200 }, () => ({ ...open(1), ticketId: randomUUID() }));
    await remember(open(1));
    await remember(...facts);
    const commit = ['START TRANSACTION', 'select id,', 'insert into', 'COMMIT'];
    expect(statements).toEqual([...commit, ...commit]);
  });
});

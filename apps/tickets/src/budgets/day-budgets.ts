import { Problem } from '@bellhop/http';
import type { EntityManager } from 'typeorm';
import { type DayLimits, type Spent, spendDay } from './spend-day.js';

const DAY_SECONDS = 24 * 60 * 60;

const TOLD: Readonly<Record<Spent, { code: string; title: string; instead: string }>> = {
  tickets: { code: 'too_many_tickets', title: 'Too many tickets for one day', instead: 'Write into one that you have' },
  messages: { code: 'too_many_messages', title: 'Too many messages for one day', instead: 'Save it up' },
};

/** How much one person may file and write in a day, which begins at midnight UTC. */
export class DayBudgets {
  constructor(private readonly limits: DayLimits) {}

  /**
   * Counts in the caller's transaction.
   *
   * @throws Problem 429 `too_many_tickets`, `too_many_messages`
   */
  async spend(manager: EntityManager, personKey: string, spent: Spent): Promise<void> {
    if (await spendDay(manager, personKey, spent, this.limits)) return;
    const { code, title, instead } = TOLD[spent];
    const detail = `One person may send ${this.limits[spent]} ${spent} in a day (UTC). ${instead}, or come back tomorrow.`;
    const seconds = DAY_SECONDS - (Math.floor(Date.now() / 1_000) % DAY_SECONDS);
    throw new Problem(429, code, title, detail, { headers: { 'retry-after': String(seconds) } });
  }
}

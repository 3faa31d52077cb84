import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import { Metrics } from '@bellhop/http';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';

const PREFERENCES = ['locale', 'timezone'] as const;

/** Language and time zone, as they were written or as they were read. */
export type Preferences = Readonly<Partial<Record<(typeof PREFERENCES)[number], unknown>>>;

/** Counts unreadable preferences, as `notifications` does for events: they explain why somebody's mails are in English. */
@Injectable()
export class UnreadablePreferences {
  private readonly unreadable: Counter<'system' | 'field' | 'source'>;

  constructor(metrics: Metrics) {
    this.unreadable = new Counter({
      name: 'bellhop_unreadable_preferences_total',
      help: 'Languages and time zones in filings and access tokens that make no sense: mails are in English, their dates in UTC.',
      labelNames: ['system', 'field', 'source'],
      registers: [metrics],
    });
  }

  count(source: 'filing' | 'access_token', written: Preferences, read: Preferences): void {
    for (const field of PREFERENCES) {
      const isWritten = written[field] !== undefined && written[field] !== null;
      if (isWritten && read[field] === undefined) this.unreadable.inc({ system: OWN_SYSTEM, field, source });
    }
  }
}

import { Metrics } from '@bellhop/http';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';
import type { Fact } from '../planning/fact.js';

const PREFERENCES = ['locale', 'timezone'] as const;
const PEOPLE = ['requester', 'assignee'] as const;

@Injectable()
export class IntakeMetrics {
  private readonly unreadable: Counter<'system' | 'field'>;

  constructor(metrics: Metrics) {
    this.unreadable = new Counter({
      name: 'bellhop_unreadable_preferences_total',
      help: 'Languages and time zones in events that make no sense: the mail is in English, its dates in UTC.',
      labelNames: ['system', 'field'],
      registers: [metrics],
    });
  }

  /** @param payload the event as it was published */
  countUnreadable(payload: unknown, { system, event }: Fact): void {
    const published = memberOf(payload, 'data');
    for (const role of PEOPLE) {
      const person = event.data[role];
      if (!person) continue;
      for (const field of PREFERENCES) {
        // A guest has no time zone in the contract, so there is none to read.
        const read =
          field === 'locale' || person.kind === 'user' ? (person as { [F in typeof field]?: string })[field] : '';
        const written = memberOf(memberOf(published, role), field);
        if (read === undefined && written !== undefined && written !== null) this.unreadable.inc({ system, field });
      }
    }
  }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

import { Metrics } from '@bellhop/http';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';

/** For operators: many refusals mean that somebody has mails sent to strangers, or guesses codes. */
@Injectable()
export class GuestMetrics {
  private readonly challenges: Counter<'purpose' | 'outcome'>;
  private readonly verifications: Counter<'outcome'>;
  private readonly freshLinks: Counter<'outcome'>;

  constructor(metrics: Metrics) {
    this.challenges = new Counter({
      name: 'bellhop_guest_challenges_total',
      help: 'Codes that were requested: opened, over_budget, not_sent.',
      labelNames: ['purpose', 'outcome'],
      registers: [metrics],
    });
    this.verifications = new Counter({
      name: 'bellhop_guest_verifications_total',
      help: 'Codes that were typed: right, wrong, gone, too_many.',
      labelNames: ['outcome'],
      registers: [metrics],
    });
    this.freshLinks = new Counter({
      name: 'bellhop_guest_fresh_links_total',
      help: 'Fresh links that were requested: over_budget, sent, not_sent (no such ticket, or one long closed), given_up.',
      labelNames: ['outcome'],
      registers: [metrics],
    });
  }

  countChallenge(purpose: string, outcome: string): void {
    this.challenges.inc({ purpose, outcome });
  }

  countVerification(outcome: string): void {
    this.verifications.inc({ outcome });
  }

  countFreshLink(outcome: string): void {
    this.freshLinks.inc({ outcome });
  }
}

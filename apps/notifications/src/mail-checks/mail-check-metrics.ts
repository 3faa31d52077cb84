import type { MailCheckResponse } from '@bellhop/contracts/http';
import { Metrics } from '@bellhop/http';
import { Injectable } from '@nestjs/common';
import { Counter } from 'prom-client';

@Injectable()
export class MailCheckMetrics {
  private readonly checks: Counter<'verdict' | 'reason'>;

  constructor(metrics: Metrics) {
    this.checks = new Counter({
      name: 'bellhop_mail_checks_total',
      help: 'Mails that people had checked, by the answer and its reason.',
      labelNames: ['verdict', 'reason'],
      registers: [metrics],
    });
  }

  count({ verdict, reason }: MailCheckResponse): void {
    this.checks.inc({ verdict, reason: reason ?? '' });
  }
}

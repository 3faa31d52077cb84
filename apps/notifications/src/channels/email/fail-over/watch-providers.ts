import type { Metrics, Readiness } from '@bellhop/http';
import { Gauge } from 'prom-client';
import type { EmailChannel } from '../email-channel.js';

/** Shows operators which providers take mails, and why the first does not. */
export function watchProviders(channel: EmailChannel, metrics: Metrics, readiness: Readiness): void {
  new Gauge({
    name: 'bellhop_mail_provider_open',
    help: 'By provider of EMAIL_URL: 1 while it takes no mails and they go through another one. Each process sees it by itself.',
    labelNames: ['provider'],
    registers: [metrics],
    collect() {
      for (const { name, isOpen } of channel.providers) this.set({ provider: name }, isOpen ? 1 : 0);
    },
  });
  readiness.addLesser('mail_providers', () => channel.problem);
}

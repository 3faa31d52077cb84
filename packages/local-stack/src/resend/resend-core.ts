import { startOnFreePort } from '../ports.js';
import type { ChaosOptions } from './chaos.js';
import type { AcceptedEmail, EmailEventType } from './email-events.js';
import type { FaultRule } from './faults.js';
import { Journal } from './journal.js';
import { NO_LIMIT } from './rate-limit.js';
import { ResendApi } from './resend-api.js';
import { ResendHttp, type SeenRequest } from './resend-http.js';
import type { ResendControl, ResendOptions, ResendSettings } from './resend-options.js';
import { type WebhookByHand, type WebhookMessage, Webhooks } from './webhooks.js';

export const DEFAULT_KEY = 're_test_key';

/** The whole server, wherever it runs: API, transport, webhooks, and what it kept before. */
export class ResendCore implements ResendControl {
  private readonly api: ResendApi;
  private readonly http: ResendHttp;
  private readonly hooks: Webhooks;
  private readonly journal: Journal | undefined;

  /** @param journal a file for what must survive a kill */
  constructor(
    private readonly port: number,
    options: ResendOptions,
    journal?: string,
  ) {
    this.journal = journal === undefined ? undefined : new Journal(journal);
    this.hooks = new Webhooks(options.webhooks, (id) => this.journal?.appendOver(id));
    this.api = new ResendApi({
      apiKeys: options.apiKeys ?? [DEFAULT_KEY],
      rateLimit: options.rateLimit,
      quota: options.quota,
      hasBodies: options.hasBodies ?? true,
      journal: this.journal,
      onAccepted: (emails) => {
        for (const email of emails) this.hooks.announce(email);
      },
      lastEventOf: (email) => this.hooks.lastEventOf(email),
    });
    this.http = new ResendHttp(this.api);
    this.http.delayMs = options.delayMs ?? 0;
    this.http.setChaos(options.chaos ?? null);
  }

  async start(): Promise<void> {
    const entries = this.journal?.read() ?? [];
    const over = new Set(entries.flatMap((entry) => ('over' in entry ? entry.over : [])));
    for (const entry of entries)
      if ('emails' in entry) this.api.restore(entry.emails, entry.request, entry.answer, entry.at);
    for (const email of this.api.emails) this.hooks.announce(email, (id) => over.has(id));
    await this.http.listen(this.port);
  }

  async emails({ isBrief = false, from = 0 }: { isBrief?: boolean; from?: number } = {}): Promise<AcceptedEmail[]> {
    return this.page(from, Number.POSITIVE_INFINITY, isBrief);
  }

  page(from: number, count: number, isBrief: boolean): AcceptedEmail[] {
    const page = this.api.emails.slice(from, from + count);
    return isBrief ? page.map((email) => ({ ...email, html: null, text: null })) : page;
  }

  async requests(): Promise<SeenRequest[]> {
    return this.http.requests.map((request) => ({ ...request }));
  }

  async webhooks(): Promise<WebhookMessage[]> {
    return this.hooks.messages.map((message) => ({ ...message, statuses: [...message.statuses] }));
  }

  async when(rule: FaultRule): Promise<void> {
    this.api.rules.add(rule);
  }

  async forgetRules(): Promise<void> {
    this.api.rules.clear();
  }

  async chaos(options: ChaosOptions | null): Promise<void> {
    this.http.setChaos(options);
  }

  async set(settings: { [K in keyof ResendSettings]?: ResendSettings[K] | undefined }): Promise<void> {
    if ('delayMs' in settings) this.http.delayMs = settings.delayMs ?? 0;
    if ('rateLimit' in settings) this.api.limit.options = settings.rateLimit ?? NO_LIMIT;
    if ('quota' in settings) this.api.quota.options = settings.quota ?? {};
    if ('webhooks' in settings) this.hooks.configure(settings.webhooks ?? undefined);
  }

  async advance(ms: number): Promise<void> {
    this.api.clock.advance(ms);
  }

  webhook(type: EmailEventType, emailId: string, options?: WebhookByHand): Promise<number[]> {
    return this.hooks.byHand(type, this.api.find(emailId) ?? { id: emailId }, options);
  }

  async clear(): Promise<void> {
    this.api.clear();
    this.http.clear();
    this.hooks.clear();
  }

  pause(): Promise<void> {
    return this.http.close();
  }

  async resume(): Promise<void> {
    if (!this.http.isOpen) await startOnFreePort((port) => this.http.listen(port), this.port);
  }

  async stop(): Promise<void> {
    this.hooks.stop();
    await this.http.close();
  }
}

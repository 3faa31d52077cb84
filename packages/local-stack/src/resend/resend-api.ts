import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Clock } from './clock.js';
import type { AcceptedEmail } from './email-events.js';
import { type EmailRequest, readBatch, readEmail } from './email-rules.js';
import { FaultRules, type FaultSubject, problemOf } from './faults.js';
import { IdempotencyMemory, type IdempotentRequest } from './idempotency.js';
import type { Journal } from './journal.js';
import { Problem } from './problems.js';
import { NO_LIMIT, Quota, type QuotaOptions, RateLimit, type RateLimitOptions } from './rate-limit.js';

export interface ApiOptions {
  apiKeys: readonly string[];
  rateLimit: RateLimitOptions | undefined;
  quota: QuotaOptions | undefined;
  /** Whether html and text of accepted mails are kept. */
  hasBodies: boolean | { to: string };
  journal: Journal | undefined;
  onAccepted(emails: AcceptedEmail[]): void;
  /** What became of a mail, as `delivered`. */
  lastEventOf(email: AcceptedEmail): string;
}

export interface ApiRequest {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: Buffer;
  /** Of the body's bytes. */
  hash: string;
  /** Counts sending requests, for the rules. */
  number: number;
}

/** A request that may go on: one of `run` and `abandon` ends it. */
export interface Call {
  /** All recipients of its mails, as far as they can be read. */
  to(): string[];
  /** Accepts and remembers what there is to accept. @returns the body of a 200. @throws Problem */
  run(): string;
  /** Nothing was accepted: its key is free again. */
  abandon(): void;
}

/** Resend's API without its transport: what a request is answered with, and what is accepted by it. */
export class ResendApi {
  readonly clock = new Clock();
  readonly rules = new FaultRules();
  readonly emails: AcceptedEmail[] = [];
  readonly limit: RateLimit;
  readonly quota: Quota;
  private readonly byId = new Map<string, AcceptedEmail>();
  private readonly keys = new IdempotencyMemory(this.clock);

  constructor(private readonly options: ApiOptions) {
    this.limit = new RateLimit(this.clock, options.rateLimit ?? NO_LIMIT);
    this.quota = new Quota(this.clock, options.quota ?? {});
  }

  /** @throws Problem when the request goes no further */
  open(request: ApiRequest): Call {
    const apiKey = this.authenticate(request.headers.authorization);
    if (!this.limit.take()) throw new Problem('rate_limit_exceeded', 'Too many requests: wait for the next window.');
    const [, root, rest, more] = request.path.split('/');
    if (root !== 'emails' || more !== undefined) throw new Problem('not_found', 'There is no such endpoint.');
    const isSending = rest === undefined || rest === 'batch';
    if (request.method !== (isSending ? 'POST' : 'GET'))
      throw new Problem('method_not_allowed', `${request.method} is not allowed here.`);
    return isSending ? this.openSending(request, apiKey) : this.openReading(rest);
  }

  find(id: string): AcceptedEmail | undefined {
    return this.byId.get(id);
  }

  clear(): void {
    this.emails.length = 0;
    this.byId.clear();
    this.keys.clear();
    this.options.journal?.clear();
  }

  /** Keeps mails and the answer they got, new ones and those from a journal. */
  restore(emails: AcceptedEmail[], request: IdempotentRequest | null, answer: string, at: number): void {
    for (const email of emails) this.keep(email);
    if (request) this.keys.complete(request, answer, at);
  }

  private authenticate(authorization: string | undefined): string {
    const [, apiKey] = /^Bearer +(\S+)$/i.exec(authorization ?? '') ?? [];
    if (apiKey === undefined) throw new Problem('missing_api_key', 'The authorization header holds no API key.');
    if (!this.options.apiKeys.includes(apiKey)) throw new Problem('invalid_api_key', 'The API key is not valid.');
    return apiKey;
  }

  private openSending(request: ApiRequest, apiKey: string): Call {
    const key = request.headers['idempotency-key'] as string | undefined;
    const idempotent = key === undefined ? null : { apiKey, key, body: request.hash };
    const stored = idempotent && this.keys.begin(idempotent);
    let parsed: unknown;
    const body = () => {
      parsed ??= parse(request.body);
      return parsed;
    };
    const abandon = () => {
      if (idempotent && stored === undefined) this.keys.release(idempotent);
    };
    return {
      abandon,
      to: () => recipients(body),
      run: () => {
        if (typeof stored === 'string') return stored;
        try {
          return this.accept(body(), request, idempotent, apiKey);
        } catch (error) {
          abandon();
          throw error;
        }
      },
    };
  }

  private openReading(id: string): Call {
    const run = () => {
      const email = this.find(id);
      if (!email) throw new Problem('not_found', 'There is no email with this id.');
      return JSON.stringify(shown(email, this.options.lastEventOf(email)));
    };
    return { to: () => [], run, abandon: () => undefined };
  }

  private accept(body: unknown, request: ApiRequest, idempotent: IdempotentRequest | null, apiKey: string): string {
    const isBatch = request.path === '/emails/batch';
    const isPermissive = isBatch && request.headers['x-batch-validation'] === 'permissive';
    const subject = { path: request.path, key: idempotent?.key, request: request.number };
    const errors: { index: number; message: string }[] = [];
    const wanted = (isBatch ? readBatch(body) : [body]).flatMap((value, index) => {
      try {
        return [this.check(readEmail(value), subject)];
      } catch (error) {
        if (!(isPermissive && error instanceof Problem)) throw error;
        errors.push({ index, message: error.message });
        return [];
      }
    });
    this.quota.take(wanted.reduce((sum, { to, cc, bcc }) => sum + [to, cc, bcc].flat().filter(Boolean).length, 0));
    const acceptedAt = Date.now();
    const key = idempotent?.key ?? null;
    const emails = wanted.map((email) => ({ ...email, id: randomUUID(), apiKey, key, acceptedAt }));
    const ids = emails.map(({ id }) => ({ id }));
    const answer = JSON.stringify(isBatch ? { data: ids, ...(isPermissive && { errors }) } : ids[0]);
    const kept = emails.map((email) => (this.hasBody(email) ? email : { ...email, html: null, text: null }));
    const at = this.clock.now();
    this.options.journal?.append({ emails: kept, request: idempotent, answer, at });
    this.restore(kept, idempotent, answer, at);
    this.options.onAccepted(kept);
    return answer;
  }

  private hasBody({ to }: AcceptedEmail): boolean {
    const { hasBodies } = this.options;
    return typeof hasBodies === 'boolean' ? hasBodies : to.some((address) => address.includes(hasBodies.to));
  }

  /** A rule at `item` has the mail refused as if the provider knew better. */
  private check(email: EmailRequest, subject: FaultSubject): EmailRequest {
    const rule = this.rules.take('item', { ...subject, to: () => email.to });
    if (!rule) return email;
    if (typeof rule.answer === 'object') throw problemOf(rule.answer);
    throw new Problem('validation_error', 'Invalid `to` field. The address cannot receive mail.');
  }

  private keep(email: AcceptedEmail): void {
    this.emails.push(email);
    this.byId.set(email.id, email);
  }
}

/** https://resend.com/docs/api-reference/emails/retrieve-email */
function shown({ id, to, from, cc, bcc, replyTo, subject, html, text, ...email }: AcceptedEmail, lastEvent: string) {
  return {
    object: 'email',
    id,
    to,
    from,
    created_at: new Date(email.acceptedAt).toISOString(),
    subject,
    html,
    text,
    bcc,
    cc,
    reply_to: replyTo,
    last_event: lastEvent,
    scheduled_at: null,
    tags: Object.entries(email.tags).map(([name, value]) => ({ name, value })),
  };
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new Problem('validation_error', 'The request body is no JSON.', 400);
  }
}

function recipients(body: () => unknown): string[] {
  try {
    return [body()]
      .flat()
      .flatMap((email) => (email as { to?: unknown } | null)?.to)
      .filter((to) => typeof to === 'string');
  } catch {
    return [];
  }
}

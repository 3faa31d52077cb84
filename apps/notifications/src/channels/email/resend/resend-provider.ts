import type { Allowance, ChannelRequest, Outcome } from '../../channel.js';
import type { AlertMail } from '../alert-mail.js';
import type { EmailProvider } from '../email-provider.js';
import { parseError, type ResendAnswer } from './answer.js';
import { ResendHttp, type ResendTimeouts } from './http.js';
import { ResendLimits } from './limits.js';
import { freezeResendMail, isFrozenResendMail, requestBody } from './mail.js';
import { outcomeOfFault, outcomesOfAnswer } from './outcome.js';
import { parseResendUrl, type ResendServer } from './url.js';

export interface ResendProviderOptions {
  /** EMAIL_URL, see {@link parseResendUrl}. */
  url: string;
  timeouts?: Partial<ResendProviderTimeouts>;
}

export interface ResendProviderTimeouts extends ResendTimeouts {
  /** How long {@link ResendProvider.close} waits for what is on the way. */
  closeMs: number;
}

const DEFAULT_TIMEOUTS: ResendProviderTimeouts = { connectMs: 10_000, answerMs: 45_000, closeMs: 10_000 };
/** A mail that nobody has: asking for it tells whether the key is good, and sends nothing. */
const NO_MAIL = '/emails/00000000-0000-0000-0000-000000000000';

/**
 * E-mail over Resend's API (https://resend.com/docs/api-reference). Nothing is ever sent twice by this class: each call is one
 * request and ends in one outcome per mail. Resend recognises a repeated key for 24 hours, hence `idempotent`: the same
 * batch under the same key gets the first answer again, and no second mail.
 */
export class ResendProvider implements EmailProvider {
  readonly format = 'resend';
  /** Resend takes no more at once. Its limit is one of requests, so full batches are what makes it fast. */
  readonly maxBatch = 100;
  /** Five requests a second, the usual limit, are kept up with answers that take two seconds. */
  readonly maxInFlight = 10;
  readonly idempotent = true;
  readonly longestSendMs: number;

  private readonly server: ResendServer;
  private readonly timeouts: ResendProviderTimeouts;
  private readonly http: ResendHttp;
  private readonly limits = new ResendLimits(this.maxInFlight, () => performance.now());
  private readonly inFlight = new Set<Promise<unknown>>();

  constructor(options: ResendProviderOptions) {
    this.server = parseResendUrl(options.url);
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    this.longestSendMs = this.timeouts.connectMs + this.timeouts.answerMs;
    this.http = new ResendHttp(this.server, this.timeouts, this.maxInFlight);
  }

  compose(mail: AlertMail): Buffer {
    return freezeResendMail(mail);
  }

  /** Counts what is on the way but reserves nothing: ask right before each call of {@link send}. */
  allowance(): Allowance {
    return this.limits.allowance();
  }

  async send(batch: readonly ChannelRequest[], key: string): Promise<Outcome[]> {
    if (!batch.every(({ bytes }) => isFrozenResendMail(bytes))) return batch.map(() => unreadable(batch.length > 1));
    const sending = this.sendBatch(batch, key);
    this.inFlight.add(sending);
    return sending.finally(() => this.inFlight.delete(sending));
  }

  /** Asks for a mail that does not exist. A key that may only send is refused that, and is just what we need. */
  async verify(): Promise<string | null> {
    const exchange = await this.http.exchange({ method: 'GET', path: NO_MAIL });
    const cause = 'fault' in exchange ? exchange.fault.cause : wrongWith(exchange.answer);
    return cause && `Resend at ${this.server.origin} cannot be used (${cause}); check EMAIL_URL and the API key in it.`;
  }

  async close(): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.timeouts.closeMs);
    });
    await Promise.race([Promise.all(this.inFlight), patience]);
    clearTimeout(timer);
    this.http.close();
    await Promise.all(this.inFlight);
  }

  private async sendBatch(batch: readonly ChannelRequest[], key: string): Promise<Outcome[]> {
    const isSingle = batch.length === 1;
    const mails = batch.map(({ bytes }) => bytes);
    this.limits.begin();
    const exchange = await this.http.exchange({
      method: 'POST',
      path: isSingle ? '/emails' : '/emails/batch',
      // Permissive: one bad address does not refuse the other ninety-nine.
      headers: { 'Idempotency-Key': key, ...(!isSingle && { 'x-batch-validation': 'permissive' }) },
      body: requestBody(mails),
    });
    if ('fault' in exchange) {
      this.limits.end();
      return batch.map(() => outcomeOfFault(exchange.fault));
    }
    const { answer, rates } = exchange;
    this.limits.end(rates, answer.status >= 200 && answer.status < 300);
    const outcomes = outcomesOfAnswer(answer, mails);
    const [first] = outcomes;
    if (first?.kind === 'throttled') this.limits.pause(first.retryAfterMs ?? 0);
    return outcomes;
  }
}

/** What another channel has frozen. In a batch it must not spoil the others, whose bytes and key belong together. */
function unreadable(isOneOfMany: boolean): Outcome {
  return isOneOfMany
    ? { kind: 'not_sent', cause: 'invalid_frozen_mail', isAlone: true }
    : { kind: 'refused', reason: 'invalid_frozen_mail', suppress: false };
}

/** A stable code when the answer to {@link NO_MAIL} shows that no mail would be taken. */
function wrongWith({ status, body }: ResendAnswer): string | null {
  const error = parseError(body);
  if (status >= 500) return 'server_error';
  if (error?.name === 'restricted_api_key' || status === 429) return null;
  if (status === 401 || status === 403 || /\bapi key\b/i.test(error?.message ?? '')) return 'key_refused';
  return status < 300 || (status >= 400 && error) ? null : 'wrong_server';
}

import { Logger } from '@nestjs/common';
import type { ErrorResponse } from 'resend';
import type { Allowance, ChannelRequest, Outcome } from '../../channel.js';
import { type HttpTimeouts, HttpTransport, NoAnswer } from '../../http.js';
import { InFlight } from '../../in-flight.js';
import type { AlertMail } from '../alert-mail.js';
import type { EmailProvider } from '../email-provider.js';
import { RequestLimit } from '../limits/request-limit.js';
import { tooFast } from '../limits/too-fast.js';
import { isResends } from './answer.js';
import { ResendClient } from './client.js';
import { freezeResendMail, isFrozenResendMail } from './mail.js';
import { outcomeOfNoAnswer, outcomesOf } from './outcome.js';
import { rateHeaders } from './rate-headers.js';
import { parseResendUrl, type ResendServer } from './url.js';

export interface ResendProviderOptions {
  /** EMAIL_URL, see {@link parseResendUrl}. */
  url: string;
  timeouts?: Partial<ResendProviderTimeouts>;
}

export interface ResendProviderTimeouts extends HttpTimeouts {
  /** How long {@link ResendProvider.close} waits for what is on the way. */
  closeMs: number;
}

const DEFAULT_TIMEOUTS: ResendProviderTimeouts = { connectMs: 10_000, answerMs: 45_000, closeMs: 10_000 };
/** Ten times a hundred ids or error messages. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** A mail that does not exist: requesting it shows whether the key is good, and sends nothing. */
const NO_MAIL = '00000000-0000-0000-0000-000000000000';

/**
 * E-mail over Resend's API (https://resend.com/docs/api-reference). Nothing is ever sent twice by this class: each call is one
 * request and ends in one outcome per mail. Resend recognises a repeated key for 24 hours, hence `idempotent`: the same
 * batch under the same key gets the first answer again, and no second mail.
 */
export class ResendProvider implements EmailProvider {
  readonly format = 'resend';
  /** Resend's maximum. Its rate limit counts requests, so full batches make it fast. */
  readonly maxBatch = 100;
  /** Enough for five requests a second, the usual limit, with answers that take two seconds. */
  readonly maxInFlight = 10;
  readonly idempotent = true;
  readonly host: string;
  readonly limit: RequestLimit;

  private readonly log = new Logger(ResendProvider.name);
  private readonly server: ResendServer;
  private readonly timeouts: ResendProviderTimeouts;
  private readonly http: HttpTransport;
  private readonly client: ResendClient;
  private readonly inFlight = new InFlight();

  constructor(options: ResendProviderOptions) {
    this.server = parseResendUrl(options.url);
    this.host = new URL(this.server.origin).host;
    const { maxInFlight, server } = this;
    this.limit = new RequestLimit({ maxInFlight, rate: server.rate, now: () => performance.now() });
    this.timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
    this.http = new HttpTransport({
      timeouts: this.timeouts,
      maxConnections: this.maxInFlight,
      maxAnswerBytes: MAX_ANSWER_BYTES,
    });
    this.client = new ResendClient(this.server, this.http);
  }

  compose(mail: AlertMail): Buffer {
    return freezeResendMail(mail);
  }

  /** Counts what is on the way but reserves nothing: ask right before each call of {@link send}. */
  allowance(): Allowance {
    return this.limit.allowance();
  }

  async send(batch: readonly ChannelRequest[], key: string, isRequested = false): Promise<Outcome[]> {
    if (!batch.every(({ bytes }) => isFrozenResendMail(bytes))) return batch.map(() => unreadable(batch.length > 1));
    return this.inFlight.track(this.sendBatch(batch, key, isRequested));
  }

  /** Requests a mail that does not exist. A key that may only send is refused it, and is what we need. */
  async verify(): Promise<string | null> {
    const response = await this.client.emails.get(NO_MAIL).catch(noAnswer);
    const cause = response instanceof NoAnswer ? response.fault.cause : response.error && wrongWith(response.error);
    return cause && `Resend at ${this.server.origin} cannot be used (${cause}); check EMAIL_URL and the API key in it.`;
  }

  async close(): Promise<void> {
    await this.inFlight.ended(this.timeouts.closeMs);
    this.http.close();
    await this.inFlight.ended();
  }

  private async sendBatch(batch: readonly ChannelRequest[], key: string, isRequested: boolean): Promise<Outcome[]> {
    const mails = batch.map(({ bytes }) => bytes);
    const waitMs = await this.limit.begin(isRequested);
    if (waitMs !== null) return mails.map(() => tooFast(waitMs));
    const response = await this.client
      .sendFrozen(mails, key)
      .catch(noAnswer)
      .catch((defect: unknown) => {
        this.limit.end(undefined, { isRequested });
        throw defect;
      });
    if (response instanceof NoAnswer) {
      this.limit.end(undefined, { isRequested });
      const { fault, cause: error = response } = response;
      this.log.warn({
        message: 'Resend has not answered: the batch is retried',
        batch: key,
        mails: mails.length,
        ...fault,
        error,
      });
      return mails.map(() => outcomeOfNoAnswer(fault));
    }
    this.limit.end(rateHeaders(response.headers ?? {}), { isTaken: response.error === null, isRequested });
    const outcomes = outcomesOf(response, mails, new Date());
    const [first] = outcomes;
    if (first?.kind === 'throttled') this.limit.pause(first.retryAfterMs ?? 0);
    return outcomes;
  }
}

/** The SDK's methods throw what our transport throws; anything else is a defect. */
function noAnswer(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  throw error;
}

/** Bytes that another channel has frozen. In a batch they must not affect the others, whose bytes and key belong together. */
function unreadable(isOneOfMany: boolean): Outcome {
  return isOneOfMany
    ? { kind: 'not_sent', cause: 'invalid_frozen_mail', isAlone: true }
    : { kind: 'refused', reason: 'invalid_frozen_mail', suppress: false };
}

/** A stable code when the answer to {@link NO_MAIL} shows that no mail would be taken. */
function wrongWith(error: ErrorResponse): string | null {
  const { name, message } = error;
  const status = error.statusCode ?? 0;
  if (status >= 500) return 'server_error';
  if (name === 'restricted_api_key' || status === 429) return null;
  if (status === 401 || status === 403 || /\bapi key\b/i.test(message)) return 'key_refused';
  return status < 300 || (status >= 400 && isResends(error)) ? null : 'wrong_server';
}

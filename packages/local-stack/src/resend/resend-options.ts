import type { ChaosOptions } from './chaos.js';
import type { AcceptedEmail, EmailEventType } from './email-events.js';
import type { FaultRule } from './faults.js';
import type { QuotaOptions, RateLimitOptions } from './rate-limit.js';
import type { SeenRequest } from './resend-http.js';
import type { WebhookByHand, WebhookMessage, WebhookOptions } from './webhooks.js';

/** What can be changed while it runs. */
export interface ResendSettings {
  /** How far away the provider is: waited before a request is worked on, while its key is in progress. Default 0. */
  delayMs?: number;
  /** Default: as good as none. */
  rateLimit?: RateLimitOptions;
  /** Default: none. */
  quota?: QuotaOptions;
  /** Default: no webhooks. */
  webhooks?: WebhookOptions;
}

export interface ResendOptions extends ResendSettings {
  port?: number;
  /** Default `re_test_key`. The first is in the URL. */
  apiKeys?: string[];
  /** Random misbehaviour from the start. A process that is started again begins with the seed again. */
  chaos?: ChaosOptions | undefined;
  /**
   * Whether html and text of accepted mails are kept, or of those alone whose recipient's address has `to` in it. A storm of
   * hundreds of thousands does without. Default true.
   */
  hasBodies?: boolean | { to: string };
  /** As a process of its own, which can be killed and does not share the event loop of a test. Default false. */
  isProcess?: boolean;
  /** Where the process keeps what it accepted. Default: a temporary folder. */
  dataDir?: string;
  onLine?: (line: string) => void;
}

/** What tests and storms do to the server; each call is done when it resolves. */
export interface ResendControl {
  /** What was accepted, in order, without the first `from`. `isBrief` leaves html and text out (null). */
  emails(options?: { isBrief?: boolean; from?: number }): Promise<AcceptedEmail[]>;
  /** Every request that arrived, in order; those without an answer, too. A killed process forgets them. */
  requests(): Promise<SeenRequest[]>;
  /** The events since the start, in order of creation. Those sent by hand are not among them. */
  webhooks(): Promise<WebhookMessage[]>;
  /** Has it misbehave. Rules come before chaos; of several that fit at one point the oldest applies. */
  when(rule: FaultRule): Promise<void>;
  forgetRules(): Promise<void>;
  /** Random misbehaviour from now on, or (null) no more of it. */
  chaos(options: ChaosOptions | null): Promise<void>;
  /** Changes what is named and leaves the rest; `undefined` goes back to the default. */
  set(settings: { [K in keyof ResendSettings]?: ResendSettings[K] | undefined }): Promise<void>;
  /** Puts the clock of idempotency keys, rate limit and quotas forward. */
  advance(ms: number): Promise<void>;
  /** Sends a webhook by hand, once per copy. @returns what the receiver answered: a status each, 0 for none. */
  webhook(type: EmailEventType, emailId: string, options?: WebhookByHand): Promise<number[]>;
  /** Forgets mails, keys, requests and waiting webhooks. Rules, chaos and settings stay. */
  clear(): Promise<void>;
  /** Ends all connections and refuses new ones, until `resume`. */
  pause(): Promise<void>;
  /** Comes back on the same port, after `pause` or `kill`. */
  resume(): Promise<void>;
}

export interface ResendServer extends ResendControl {
  /** For `EMAIL_URL`: `resend://re_test_key@127.0.0.1:port`. */
  readonly url: string;
  /** For `RESEND_BASE_URL` of the SDK. */
  readonly httpUrl: string;
  readonly port: number;
  /**
   * `kill -9`; `resume` starts it again with the mails, keys and open webhooks it had, with chaos and settings, without rules. In
   * process it is the same as `pause`.
   */
  kill(): Promise<void>;
  /** Stops the process where it stands: connections stay open and nothing comes. Only with `isProcess`. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  stop(): Promise<void>;
}

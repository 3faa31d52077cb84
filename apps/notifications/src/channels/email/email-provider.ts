import type { Provider } from '../channel.js';
import type { AlertMail } from './alert-mail.js';
import type { RequestLimit } from './limits/request-limit.js';

/** A mail server, or a service with an API. */
export interface EmailProvider extends Omit<Provider, 'name' | 'keyedBy' | 'compose'> {
  readonly format: 'smtp' | 'resend';
  /** Where it is, without a secret. */
  readonly host: string;
  /** How many requests it may get; null when there is no limit. */
  readonly limit: RequestLimit | null;
  /**
   * Makes the frozen request of one mail.
   * @throws EmailError when the mail can never be sent as it is
   */
  compose(mail: AlertMail): Buffer;
  /** Waits a few seconds for calls in flight, then ends them. Nothing can be sent afterwards. */
  close(): Promise<void>;
}

export interface EmailProviderOptions {
  /** How long `close()` waits for what is on the way, in milliseconds. */
  readonly closeMs: number;
  /** What we call ourselves to a mail server. */
  readonly clientName?: string | undefined;
}

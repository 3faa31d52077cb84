import type { Channel } from '../channel.js';
import type { AlertMail } from './alert-mail.js';

/** A mail server, or a service with an API. The rest of {@link Channel} is the same for all of them. */
export interface EmailProvider
  extends Pick<
    Channel,
    'maxBatch' | 'maxInFlight' | 'idempotent' | 'longestSendMs' | 'allowance' | 'send' | 'verify' | 'close'
  > {
  readonly format: 'smtp' | 'resend';
  /**
   * Makes the frozen request of one mail.
   * @throws EmailError when the mail can never be sent as it is
   */
  compose(mail: AlertMail): Buffer;
}

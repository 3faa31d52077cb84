import { SmtpSink } from '@bellhop/local-stack';
import { afterEach, beforeEach } from '@jest/globals';
import type { Outcome } from '../src/channels/channel.js';
import { encodeFrozenMail } from '../src/channels/email/smtp/frozen-mail.js';
import { SmtpProvider, type SmtpProviderOptions } from '../src/channels/email/smtp/smtp-provider.js';

export const mailTo = (to: string, body = 'Hello\r\n') => ({
  deliveryId: 'd1',
  bytes: encodeFrozenMail({
    envelope: { from: 'bounces@example.com', to },
    raw: Buffer.from(`To: ${to}\r\nMessage-ID: <d1@example.com>\r\n\r\n${body}`),
  }),
});

/** A mail server for each test of a spec, and providers that are closed afterwards. */
export class SmtpBench {
  sink!: SmtpSink;
  private readonly open = new Set<SmtpProvider>();

  constructor() {
    beforeEach(async () => {
      this.sink = await SmtpSink.start();
    });
    afterEach(async () => {
      for (const made of this.open) await made.close();
      this.open.clear();
      await this.sink.close();
    });
  }

  /** @param extensions of SMTP that the new server offers */
  async restart(extensions: readonly string[]): Promise<void> {
    await this.sink.close();
    this.sink = await SmtpSink.start(extensions);
  }

  channel(options: Partial<SmtpProviderOptions> = {}): SmtpProvider {
    const made = new SmtpProvider({ url: this.sink.url, maxConnections: 1, ...options });
    this.open.add(made);
    return made;
  }

  /** One mail, one outcome. */
  async send(to: string, over = this.channel(), body?: string): Promise<Outcome> {
    return (await over.send([mailTo(to, body)]))[0] as Outcome;
  }
}

import { once } from 'node:events';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ResendServer, startResend } from '@bellhop/local-stack';
import { afterEach, beforeAll, beforeEach } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { Outcome } from '../src/channels/channel.js';
import { parseSender } from '../src/channels/email/address.js';
import { freezeResendMail } from '../src/channels/email/resend/mail.js';
import { ResendProvider, type ResendProviderOptions } from '../src/channels/email/resend/resend-provider.js';

export const mailTo = (recipient: string, deliveryId = 'd1') => ({
  deliveryId,
  bytes: freezeResendMail({
    sender: parseSender({ from: 'Support, Example <support@example.com>' }),
    recipient,
    subject: 'Zgłoszenie 7K4M2Q',
    html: '<p>Zażółć</p>',
    text: 'Zażółć',
    deliveryId,
    generation: 0,
    copy: 0,
    ticket: { system: 'crm', id: 'T-1' },
    locale: 'pl',
    date: new Date(0),
  }),
});
export const mails = (count: number) =>
  Array.from({ length: count }, (_, index) => mailTo(`p${index}@example.com`, `d${index}`));

/** A Resend server for each test of a spec, and providers that are closed afterwards. */
export class ResendBench {
  server!: ResendServer;
  private readonly open = new Set<ResendProvider>();

  constructor() {
    beforeAll(() => Logger.overrideLogger(false));
    beforeEach(async () => {
      this.server = await startResend();
    });
    afterEach(async () => {
      for (const made of this.open) await made.close();
      this.open.clear();
      await this.server.stop();
    });
  }

  channel(options: Partial<ResendProviderOptions> = {}): ResendProvider {
    const made = new ResendProvider({ url: this.server.url, ...options });
    this.open.add(made);
    return made;
  }
}

/** One mail, one outcome. */
export const send = async (over: ResendProvider, key = 'key-1', to = 'jana@example.com') =>
  (await over.send([mailTo(to)], key))[0] as Outcome;

/** A server for answers that Resend would never give. */
export async function listen(answer: RequestListener) {
  const listener = createHttpServer(answer);
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address() as AddressInfo;
  const close = async () => {
    listener.closeAllConnections();
    listener.close();
    await once(listener, 'close');
  };
  return { server: listener, port, url: `resend://re_key@127.0.0.1:${port}`, close };
}

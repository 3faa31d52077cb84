import { renderAlert } from '@bellhop/email-templates';
import { createTransport } from 'nodemailer';

/** The same number as Bellhop. */
const CONNECTIONS = 20;

/** nodemailer's pool alone: the same mails, composed by nodemailer as usual. */
export class SmtpPoolFloor {
  private readonly pool;

  private constructor(port: number) {
    this.pool = createTransport({
      host: '127.0.0.1',
      port,
      secure: false,
      pool: true,
      maxConnections: CONNECTIONS,
      maxMessages: Number.POSITIVE_INFINITY,
    });
  }

  static async prepare(port: number): Promise<SmtpPoolFloor> {
    return new SmtpPoolFloor(port);
  }

  /** @returns mails per second */
  async send(count: number): Promise<number> {
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: count }, (_, index) => this.pool.sendMail(mail(index))));
    return count / ((performance.now() - startedAt) / 1_000);
  }

  close(): void {
    this.pool.close();
  }
}

function mail(index: number) {
  const content = {
    number: '7K4M2Q',
    link: `https://support.example.test/tickets/${index}`,
    brand: 'Bellhop',
    locale: 'de',
  };
  const { subject, html, text } = renderAlert('resolved', 'customer', content);
  return { from: 'Example Support <support@example.test>', to: `p-${index}@example.test`, subject, html, text };
}

import { Resend, type Response } from 'resend';
import type { HttpTransport } from '../../http.js';
import { responseOf, type SendResponse } from './answer.js';
import { requestBody } from './mail.js';
import type { ResendServer } from './url.js';

/**
 * Resend's client over our transport. The SDK's own `fetchRequest` answers alike when no byte has left and when no answer has
 * come; whether a mail may be sent anew hangs on that difference. So does the body: it is what was frozen, byte for byte.
 */
export class ResendClient extends Resend {
  constructor(
    server: ResendServer,
    private readonly http: HttpTransport,
  ) {
    // Both are given, so that the SDK takes neither from the environment. Resend refuses requests without a User-Agent.
    super(server.apiKey, { baseUrl: server.origin, userAgent: 'bellhop' });
  }

  /**
   * Sends one mail, or a batch of which Resend takes what it can: one bad address does not refuse the other ninety-nine.
   * `emails.send` and `batch.send` are not used: they write the JSON anew, as the version of the SDK that runs today would.
   * @throws NoAnswer
   */
  sendFrozen(mails: readonly Buffer[], key: string): Promise<SendResponse> {
    const isSingle = mails.length === 1;
    const options = {
      idempotencyKey: key,
      headers: isSingle ? {} : { 'x-batch-validation': 'permissive' },
      // Options go over what `post` makes of its entity.
      body: requestBody(mails),
    };
    return this.post(isSingle ? '/emails' : '/emails/batch', undefined, options);
  }

  /** @throws NoAnswer */
  override async fetchRequest<T>(path: string, options: RequestInit = {}): Promise<Response<T>> {
    const { method = 'GET', headers, body } = options;
    const answer = await this.http.exchange({
      method,
      url: this.baseUrl + path,
      headers: Object.fromEntries(new Headers(headers)),
      ...(body && { body: body as Buffer | string }),
    });
    return responseOf(answer);
  }
}

import { nothingHere, Problem } from '@bellhop/http';
import { Public, RawBody } from '@bellhop/service';
import { Body, Controller, Headers, HttpCode, Logger, Post } from '@nestjs/common';
import { readReport } from '../channels/email/resend/report.js';
import { type VerifiedWebhook, verifyWebhook } from '../channels/email/resend/webhook-signature.js';
import { Settings } from '../config.js';
import { FeedbackService } from './feedback.service.js';
import { FeedbackMetrics } from './feedback-metrics.js';

/**
 * A report lists the recipients and tags of a mail; for our mails it has one or two kilobytes. Anybody may send one, and verifying
 * a signature over this many bytes takes the SDK about a millisecond per secret.
 */
const MAX_REPORT_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

/** Receives reports about mails from Resend. Anybody can call it: only the signature shows that a report is genuine. */
@Public()
@Controller('webhooks')
export class ResendWebhooksController {
  private readonly log = new Logger(ResendWebhooksController.name);

  constructor(
    private readonly settings: Settings,
    private readonly feedback: FeedbackService,
    private readonly metrics: FeedbackMetrics,
  ) {}

  @Post('resend')
  @HttpCode(200)
  @RawBody({ maxBytes: MAX_REPORT_BYTES })
  async receive(@Headers() headers: Record<string, unknown>, @Body() body: unknown): Promise<void> {
    if (this.settings.webhookSecrets.length === 0) throw nothingHere();
    const { stamp, payload } = this.verified(headers, Buffer.isBuffer(body) ? body : NOTHING);
    // failpoint: webhook.verified
    const kind = await this.feedback.receive({ stamp, report: readReport(payload) });
    if (kind === 'refused') throw this.refused('replayed');
    // failpoint: webhook.committed
    this.metrics.count(kind);
  }

  private verified(headers: Record<string, unknown>, body: Buffer): VerifiedWebhook {
    const signed = {
      id: headers['svix-id'],
      timestamp: headers['svix-timestamp'],
      signature: headers['svix-signature'],
    };
    try {
      const webhook = verifyWebhook(signed, body, this.settings.webhookSecrets);
      if (typeof webhook !== 'string') return webhook;
      throw this.refused(webhook);
    } catch (cause) {
      if (!(cause instanceof SyntaxError)) throw cause;
      throw new Problem(400, 'malformed_json', 'The body is not JSON', 'Send JSON in UTF-8.', { cause });
    }
  }

  /** The answer does not say why; our log does. */
  private refused(why: string): Problem {
    this.metrics.count('refused');
    this.log.warn({ message: 'webhook refused', why });
    return new Problem(
      401,
      'webhook_refused',
      'Not a webhook of the provider',
      'Send each webhook once, with a valid signature.',
    );
  }
}

import { templates } from '@bellhop/email-templates';
import { renderFresh } from '@bellhop/email-templates/fresh';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Resend } from 'resend';
import { Repository } from 'typeorm';
import type { RivalEvent } from '../rival.js';
import { Mail } from './mail.entity.js';

/**
 * The work of one event, as the documentation of each part shows it: `save()` (https://docs.nestjs.com/techniques/database),
 * `render()` (https://react.email/docs/utilities/render), `emails.send()` (https://resend.com/docs/send-with-nodejs) under a key,
 * which makes a second try harmless (https://resend.com/docs/dashboard/emails/idempotency-keys), `save()`.
 */
@Injectable()
export class MailsService {
  /** Finds the server in `RESEND_BASE_URL`. */
  private readonly resend = new Resend(process.env.RESEND_API_KEY);

  constructor(@InjectRepository(Mail) private readonly mails: Repository<Mail>) {}

  /** @throws when the mail was not accepted */
  async tellRequester(event: RivalEvent): Promise<void> {
    const { ticket, requester } = event.data;
    const audience = requester.kind === 'guest' ? 'guest' : 'customer';
    const template = templates[audience].find((name) => name === event.type.split('.')[1]);
    if (!template || !requester.email) return;
    const mail = await this.mails.save({
      id: event.id,
      ticket: ticket.id,
      recipient: requester.email,
      state: 'pending',
    });
    const { subject, html, text } = await renderFresh(template, audience, {
      number: ticket.number,
      link: `https://support.example.com/tickets/${ticket.id}`,
      brand: 'Example Exchange',
      locale: requester.locale,
    });
    const { error } = await this.resend.emails.send(
      { from: 'Example Exchange <support@example.com>', to: requester.email, subject, html, text },
      { idempotencyKey: event.id },
    );
    if (error) throw new Error(`The mail was not accepted: ${error.message}`);
    await this.mails.save({ ...mail, state: 'sent' });
  }
}

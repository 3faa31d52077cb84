import type { MailCheckResponse } from '@bellhop/contracts/http';
import { maskAddress, normaliseAddress } from '@bellhop/contracts/persons';
import { Database } from '@bellhop/service';
import { Inject, Injectable } from '@nestjs/common';
import { threadRoot } from '../channels/email/headers.js';
import { Settings } from '../config.js';
import { TICKETS_WAITING } from '../dispatch/delivery.js';
import { CODE_HOURS } from '../ops/purge-records.js';
import { type Claims, claimsOf, timeOf } from './claims.js';
import type { TxtLookup } from './dkim/public-keys.js';
import { verifySignatures } from './dkim/verify.js';
import { findMail, type RecordedMail } from './find-mail.js';
import { adviceFor, type Findings, judge } from './mail-check.js';
import { MailCheckMetrics } from './mail-check-metrics.js';
import { notAMail } from './mail-check-problems.js';
import { type Message, readMessage } from './message.js';

export const TXT_LOOKUP = Symbol('txt lookup');

/** Of anything younger the record is complete. */
const SURELY_RECORDED_MS = CODE_HOURS * 60 * 60_000;

/** Tells people whether a mail is from us. Keeps nothing of it. */
@Injectable()
export class MailChecksService {
  constructor(
    private readonly database: Database,
    private readonly settings: Settings,
    @Inject(TXT_LOOKUP) private readonly lookup: TxtLookup,
    private readonly metrics: MailCheckMetrics,
  ) {}

  /** @throws Problem 422 `not_a_mail` */
  async check(bytes: Buffer): Promise<MailCheckResponse> {
    const message = readMessage(bytes);
    if (!message) throw notAMail();
    const claims = claimsOf(message, this.settings.sender.host);
    const found = claims?.deliveryId ? await findMail(await this.database.whenReady(), claims.deliveryId) : null;
    const mail = claims && found && this.isSender(claims.from) && isAbout(found, claims) ? found : null;
    const [verdict, reason] = judge(await this.findingsOf(message, claims, mail));
    const answer = {
      verdict,
      reason,
      advice: adviceFor(verdict),
      mail: verdict === 'ours' && mail ? viewOf(mail) : null,
    };
    this.metrics.count(answer);
    return answer;
  }

  private async findingsOf(message: Message, claims: Claims | null, mail: RecordedMail | null): Promise<Findings> {
    const isFromUs = claims !== null && this.isOurHost(claims.from);
    return {
      isWellFormed: claims !== null,
      isFromUs,
      isRecorded: mail !== null,
      isOld: isOlder(claims?.deliveryId ?? null, Date.now() - SURELY_RECORDED_MS),
      // Nobody has to ask DNS about a mail from elsewhere.
      signature: isFromUs ? await this.signatureOf(message, mail && this.fieldsThatName(mail, claims)) : 'missing',
    };
  }

  private async signatureOf(
    { fields, body }: Message,
    anyOf: readonly string[] | null,
  ): Promise<Findings['signature']> {
    const { dkimDomain: domain } = this.settings;
    if (domain === undefined) return 'not_configured';
    if (body === null) return 'body_missing';
    return verifySignatures({ fields, body }, { domain, anyOf, lookup: this.lookup, now: Date.now() });
  }

  /**
   * What ties a mail to its record, if it is signed: its id or, since many providers sign only fields that they know, the thread of its ticket.
   * The delivery may be another one of this ticket to this person then, which changes nothing for them.
   */
  private fieldsThatName(mail: RecordedMail, { idFields, inReplyTo }: Claims): readonly string[] {
    const { system, template, ticketId } = mail;
    const thread = threadRoot(
      { system, id: template === TICKETS_WAITING ? template : ticketId },
      this.settings.sender.host,
    );
    return inReplyTo === thread ? [...idFields, 'in-reply-to'] : idFields;
  }

  private isSender(address: string): boolean {
    return address === normaliseAddress(this.settings.sender.from.address);
  }

  /** Other systems may send mails under our domain, too: they are none of these, and nobody should be told that they are forged. */
  private isOurHost(address: string): boolean {
    return address.slice(address.lastIndexOf('@') + 1) === this.settings.sender.host.toLowerCase();
  }
}

/** A message about many tickets names none. */
function isAbout({ endpoint, template, ticketNumber }: RecordedMail, { to, subject }: Claims): boolean {
  return normaliseAddress(endpoint) === to && (template === TICKETS_WAITING || subject.includes(ticketNumber));
}

function isOlder(deliveryId: string | null, than: number): boolean {
  const time = deliveryId === null ? null : timeOf(deliveryId);
  return time !== null && time < than;
}

function viewOf({ ticketNumber, endpoint, sentAt }: RecordedMail) {
  return { ticketNumber, sentTo: maskAddress(endpoint), sentAt: sentAt.toISOString() };
}

import type { Outcome } from '../channel.js';
import { parseReply, retryAfterMs, type SmtpReply, summarise } from './smtp-reply.js';

/** The part of nodemailer's errors that tells what happened. */
export interface SmtpFault {
  code?: string | undefined;
  /** The SMTP command that failed; `CONN` for the connection, `API` for nodemailer itself. */
  command?: string | undefined;
  response?: string | undefined;
  /** Node's own code, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  originalCode?: string | undefined;
}

type Step = 'connect' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot';

/** Words of servers that do not like the sender, the content or the rate, though they answer to `RCPT`. */
const POLICY =
  /\b(?:relay\w*|block\w*|black\w*|deny|denied|polic\w+|spam\w*|reputation|spf|dkim|dmarc|auth\w*|listed|rbl|dnsbl|banned|prohibited|not allowed|not permitted|access|client host|ip address|ptr|reverse dns|rate|limit\w*)\b/i;
const SENDER = /\bsender (?:address )?(?:rejected|denied|refused|blocked|unknown|verif\w+)|\binvalid sender\b/i;
const MAILBOX_FULL =
  /\b(?:mailbox|inbox)\b.{0,60}\bfull\b|\b(?:account|user|storage|disk) (?:is |has )?(?:\w+ )?full\b|\bover ?quota\b|\bquota exceeded\b|\bexceed\w* (?:storage|quota|mailbox)/i;
const TOO_FAST =
  /\brate\b|\bthrottl\w*|\btoo (?:many|much|fast|frequent\w*)\b|\bslow(?:ing)? down\b|\blimit\w* (?:\w+ )?exceed\w*|\bexceed\w* (?:\w+ ){0,3}limit|\bgr[ea]y-?list\w*/i;

/**
 * What a failure means for the delivery.
 * @param mail `handedOver`: the whole message, final dot included, may have left us. From then on only an answer of the
 * server is evidence; silence is not (RFC 1047).
 */
export function outcomeOf(fault: SmtpFault, mail: { recipient: string; handedOver: boolean }): Outcome {
  const step = stepOf(fault);
  const reply = parseReply(fault.response);
  const say = (code: string) => summarise(code, reply, mail.recipient);
  if (mail.handedOver && !(step === 'dot' && reply && reply.code >= 400)) {
    return { kind: 'unknown', cause: say('no_answer') };
  }
  if (!reply || reply.code < 400) return { kind: 'not_sent', cause: say(brokenOff(step, fault)) };
  if (reply.code < 500) return temporary(reply, say);
  if (step === 'rcpt') return recipientRefused(reply, say);
  // 500–504: the conversation went wrong (RFC 5321 §4.2.2), which says nothing about this message.
  if ((step === 'data' || step === 'dot') && reply.code > 504) {
    return isMailboxFull(reply)
      ? { kind: 'not_sent', cause: say('mailbox_full') }
      : { kind: 'refused', reason: say('message_refused'), suppress: false };
  }
  return { kind: 'not_sent', cause: say(ourFault(step)) };
}

/** A 5xx answer to `RCPT`. Only when it is clearly about the address is the address given up. */
function recipientRefused(reply: SmtpReply, say: (code: string) => string): Outcome {
  const { code, status = '', text } = reply;
  // Postfix and Exim answer here, by default, to a sender that they do not like: our set-up.
  if (/^5\.1\.[78]$/.test(status) || SENDER.test(text)) return { kind: 'not_sent', cause: say('sender_refused') };
  if (isMailboxFull(reply)) return { kind: 'not_sent', cause: say('mailbox_full') };
  if (code <= 504) return { kind: 'not_sent', cause: say('protocol_error') };
  if (isAddressDead(reply)) return { kind: 'refused', reason: say('recipient_refused'), suppress: true };
  return { kind: 'refused', reason: say('policy_refused'), suppress: false };
}

function isAddressDead({ code, status, text }: SmtpReply): boolean {
  // RFC 3463: X.1.x is about the address, X.2.1 a disabled mailbox; X.1.0 and X.0.0 say nothing, like no status at all.
  if (status && !/^5\.[01]\.0$/.test(status)) return status.startsWith('5.1.') || status === '5.2.1';
  return [550, 551, 553, 554].includes(code) && !POLICY.test(text);
}

function temporary(reply: SmtpReply, say: (code: string) => string): Outcome {
  if (isMailboxFull(reply)) return { kind: 'not_sent', cause: say('mailbox_full') };
  const waitMs = retryAfterMs(reply);
  if (waitMs === undefined && !TOO_FAST.test(reply.text) && reply.status !== '4.7.28') {
    return { kind: 'not_sent', cause: say('temporarily_refused') };
  }
  return { kind: 'throttled', ...(waitMs !== undefined && { retryAfterMs: waitMs }), reason: say('throttled') };
}

function isMailboxFull({ code, status, text }: SmtpReply): boolean {
  if (status && !/^[45]\.0\.0$/.test(status)) return /^[45]\.2\.2$/.test(status);
  return (code === 552 && !/\b(?:size|large|big)\b/i.test(text)) || MAILBOX_FULL.test(text);
}

function stepOf({ code, command = '' }: SmtpFault): Step {
  if (command === 'DATA') return code === 'EMESSAGE' ? 'dot' : 'data';
  if (command === 'RCPT TO') return 'rcpt';
  if (command === 'MAIL FROM') return 'mail';
  if (command.startsWith('AUTH') || code === 'EAUTH' || code === 'ENOAUTH') return 'auth';
  return code === 'ETLS' || command === 'STARTTLS' ? 'tls' : 'connect';
}

/** A permanent refusal of everything before the recipient is about our set-up, whatever the reply says. */
function ourFault(step: Step): string {
  const causes = { connect: 'greeting_refused', tls: 'tls_failed', auth: 'login_refused', mail: 'sender_refused' };
  return step in causes ? causes[step as keyof typeof causes] : 'protocol_error';
}

function brokenOff(step: Step, { code, originalCode = '' }: SmtpFault): string {
  if (step === 'auth') return 'login_failed';
  if (step === 'tls' || /CERT|SSL|TLS|VERIFY/.test(originalCode)) return 'tls_failed';
  if (code === 'ETIMEDOUT' || code === 'EABORT') return 'timed_out';
  if (code === 'EDNS' || /^E(?:CONNREFUSED|HOSTUNREACH|NETUNREACH|TIMEDOUT|ADDRNOTAVAIL)$/.test(originalCode))
    return 'unreachable';
  return 'connection_lost';
}

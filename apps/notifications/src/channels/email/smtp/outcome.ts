import type { Outcome } from '../../channel.js';
import { type Refusal, refusalOf } from '../refusal.js';
import { parseReply, retryAfterMs, type SmtpReply, summarise } from '../reply.js';

/** The part of nodemailer's errors that says what happened. */
export interface SmtpFault {
  code?: string | undefined;
  /** The SMTP command that failed; `CONN` for the connection, `API` for nodemailer itself. */
  command?: string | undefined;
  response?: string | undefined;
  /** Node's own code, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  originalCode?: string | undefined;
}

type Step = 'connect' | 'tls' | 'auth' | 'mail' | 'rcpt' | 'data' | 'dot';

/**
 * What a failure means for the delivery.
 * @param mail `handedOver`: the whole message, final dot included, may have left us. From then on only an answer of the
 * server is evidence; silence is not (RFC 1047).
 */
export function outcomeOf(fault: SmtpFault, mail: { recipient: string; handedOver: boolean }): Outcome {
  const step = stepOf(fault);
  const reply = parseReply(fault.response);
  const reason = (code: string) => summarise(code, reply, mail.recipient);
  if (mail.handedOver && !(step === 'dot' && reply && reply.code >= 400)) {
    return { kind: 'unknown', cause: reason('no_answer') };
  }
  if (!reply || reply.code < 400) return notSent(brokenOff(step, fault), reason);
  const refusal = refusalOf(reply, mail.recipient);
  if (reply.code < 500 || refusal === 'too_fast' || refusal === 'temporary') {
    // 421: the server closes the connection, whatever it was asked (RFC 5321 §3.8).
    const isOfServer = EARLY.includes(step) || reply.code === 421;
    return later(refusal, reply, reason, isOfServer ? 'unavailable' : 'temporarily_refused');
  }
  if (EARLY.includes(step)) return notSent(refusal === 'quota' ? OURS.quota : ourFault(step), reason);
  if (isOurs(refusal) || refusal === 'mailbox_full') return later(refusal, reply, reason);
  // 500–504: the conversation went wrong (RFC 5321 §4.2.2), which says nothing about this message.
  if (reply.code <= 504) return notSent('protocol_error', reason);
  if (step !== 'rcpt') return { kind: 'refused', reason: reason('message_refused'), suppress: false };
  const suppress = refusal === 'no_mailbox';
  return { kind: 'refused', reason: reason(suppress ? 'recipient_refused' : 'policy_refused'), suppress };
}

type Reason = (code: string) => string;

/** Refusals that are about us, at whatever step: Postfix and Exim give theirs at `RCPT` by default. */
const OURS = { sender: 'sender_refused', setup: 'setup_refused', quota: 'quota_exceeded' } as const;
/** Before there is a recipient: a permanent refusal is about our set-up, a temporary one about the server. */
const EARLY: readonly Step[] = ['connect', 'tls', 'auth', 'mail'];
/** Causes that only an operator can mend. An unreachable server comes back by itself. */
const FOR_OPERATOR: readonly string[] = [
  ...Object.values(OURS),
  'greeting_refused',
  'login_refused',
  'login_failed',
  'tls_failed',
];

function isOurs(refusal: Refusal): refusal is keyof typeof OURS {
  return refusal in OURS;
}

function notSent(code: string, reason: Reason): Outcome {
  return { kind: 'not_sent', cause: reason(code), ...(FOR_OPERATOR.includes(code) && { isOurs: true }) };
}

/** A refusal that may end by itself: after the time that the server names, if it names one. */
function later(refusal: Refusal, reply: SmtpReply, reason: Reason, code = 'temporarily_refused'): Outcome {
  const waitMs = retryAfterMs(reply);
  const known = isOurs(refusal) ? OURS[refusal] : refusal === 'mailbox_full' ? refusal : undefined;
  if (waitMs === undefined && refusal !== 'too_fast') return notSent(known ?? code, reason);
  return {
    kind: 'throttled',
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
    reason: reason(known ?? 'throttled'),
    ...(isOurs(refusal) && { isOurs: true }),
  };
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

import type { MailCheckReason, MailCheckResponse } from '@bellhop/contracts/http';
import type { SignatureCheck } from './dkim/verify.js';

type Verdict = MailCheckResponse['verdict'];

/** What was found out about a mail. */
export interface Findings {
  /** From, To and Subject are there once each. */
  readonly isWellFormed: boolean;
  readonly isFromUs: boolean;
  /** It is in the record: this id, to this recipient, about this ticket. */
  readonly isRecorded: boolean;
  /** It claims to be older than what is surely in the record. */
  readonly isOld: boolean;
  /** What our domain's signatures say; `body_missing` and `not_configured`: there was nothing to verify them with. */
  readonly signature: SignatureCheck | 'body_missing' | 'not_configured';
}

/**
 * Whether a mail is ours. Pure. Only a signature proves it: whoever has seen a mail of ours can copy its id, recipient and words. The record
 * says which of the mails that our domain signs are these notifications.
 */
export function judge(findings: Findings): readonly [Verdict, MailCheckReason | null] {
  if (!findings.isWellFormed) return ['not_ours', 'malformed'];
  if (!findings.isFromUs) return ['not_ours', 'other_sender'];
  return findings.isRecorded ? judgeRecorded(findings) : judgeUnrecorded(findings);
}

function judgeRecorded({ signature }: Findings): readonly [Verdict, MailCheckReason | null] {
  switch (signature) {
    case 'valid':
      return ['ours', null];
    case 'missing':
      return ['not_ours', 'not_signed'];
    case 'broken':
      return ['cannot_tell', 'signature_broken'];
    case 'not_configured':
      return ['cannot_tell', 'signature_not_configured'];
    default:
      return ['cannot_tell', signature];
  }
}

function judgeUnrecorded({ signature, isOld }: Findings): readonly [Verdict, MailCheckReason] {
  if (signature === 'valid') return ['cannot_tell', 'signed_not_in_record'];
  return isOld ? ['cannot_tell', 'too_old'] : ['not_ours', 'not_in_record'];
}

const ADVICE: Record<Verdict, string> = {
  ours: 'We sent it. Compare the masked address with yours: a mail to somebody else is not meant for you.',
  not_ours: 'We did not send it. Open no link in it, and delete it.',
  cannot_tell: 'Open no link in it. Type our address into the browser yourself, and look at your tickets there.',
};

export function adviceFor(verdict: Verdict): string {
  return ADVICE[verdict];
}

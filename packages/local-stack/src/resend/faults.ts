import { addressOf } from './email-rules.js';
import { Problem, type ProblemName } from './problems.js';

/**
 * `arrival`: before the request is read. `before`: it was read, nothing is accepted yet, its key counts as in progress.
 * `after`: its mails are accepted and its key is remembered, the answer is still to come. `item`: one mail is refused as if it were invalid.
 */
export type FaultPoint = 'arrival' | 'before' | 'after' | 'item';

/** An error instead of the usual answer; without a name: that of an error inside Resend. */
export interface FaultAnswer {
  status: number;
  name?: ProblemName;
  message?: string;
  retryAfterSeconds?: number;
}

export interface Fault {
  at: FaultPoint;
  /**
   * To destroy the connection; to say nothing until the client goes away; to answer 200 with something that is no JSON; to
   * stop in the middle of the answer; or an error. Without it only `delayMs` applies.
   */
  answer?: 'drop' | 'hang' | 'garbage' | 'truncate' | FaultAnswer;
  /** Wait first. Goes on even if the client has gone meanwhile, as a provider would. */
  delayMs?: number;
}

export interface FaultRule extends Fault {
  /** Only requests with a mail to this bare address. Not at `arrival`, where nobody has read it. */
  to?: string;
  /** Only requests under this idempotency key. */
  key?: string;
  /** Only this endpoint. */
  path?: '/emails' | '/emails/batch';
  /** Only the n-th sending request since the start or the last `clear()`, from 1. */
  request?: number;
  /** How often the rule applies; then it is forgotten. Default: always. */
  times?: number;
}

/** What rules look at. */
export interface FaultSubject {
  path: string;
  key: string | undefined;
  request: number;
  /** Undefined as long as nobody has read the request. */
  to?: (() => readonly string[]) | undefined;
}

export class FaultRules {
  private readonly rules: FaultRule[] = [];

  add(rule: FaultRule): void {
    this.rules.push({ ...rule });
  }

  clear(): void {
    this.rules.length = 0;
  }

  /** The first rule that fits, used up by one. */
  take(at: FaultPoint, subject: FaultSubject): FaultRule | undefined {
    const index = this.rules.findIndex((rule) => rule.at === at && fits(rule, subject));
    const rule = this.rules[index];
    if (rule?.times !== undefined && --rule.times <= 0) this.rules.splice(index, 1);
    return rule;
  }
}

export function problemOf({ status, name, message }: FaultAnswer): Problem {
  const usual = status === 429 ? 'rate_limit_exceeded' : status < 500 ? 'validation_error' : 'internal_server_error';
  return new Problem(name ?? usual, message ?? 'Told to answer so.', status);
}

function fits(rule: FaultRule, { path, key, request, to }: FaultSubject): boolean {
  return (
    (rule.path === undefined || rule.path === path) &&
    (rule.key === undefined || rule.key === key) &&
    (rule.request === undefined || rule.request === request) &&
    (rule.to === undefined || (to?.().some((mailbox) => addressOf(mailbox) === rule.to) ?? false))
  );
}

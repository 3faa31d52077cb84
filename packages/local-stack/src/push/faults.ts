/**
 * `arrival`: the headers were read, the body was not. `before`: the push was read and found right, and is not taken. `after`:
 * it is taken, the answer is still to come.
 */
export type PushFaultPoint = 'arrival' | 'before' | 'after';

/** An answer instead of the usual one. */
export interface PushFaultAnswer {
  status: number;
  /** Text as it is, anything else as JSON. Default: `{ reason, message }`. */
  body?: unknown;
  retryAfterSeconds?: number;
  /** Where a 3xx leads. */
  location?: string;
  headers?: Record<string, string>;
}

export interface PushFault {
  /** Default `before`. */
  at?: PushFaultPoint;
  /**
   * To destroy the connection; to say nothing until the client goes away; to answer 201 with 10 MB, or byte by byte; or
   * something else. Without it only `delayMs` applies.
   */
  answer?: 'drop' | 'hang' | 'huge' | 'slow' | PushFaultAnswer;
  /** Wait first. Goes on even if the client has gone meanwhile. */
  delayMs?: number;
  /** The pause after each byte of a `slow` answer, which has about 130. Default 100. */
  byteMs?: number;
}

export interface PushFaultRule extends PushFault {
  /** Only pushes to this one. */
  endpoint?: string;
  /** Only the n-th push since the start or the last `forget()`, from 1. */
  request?: number;
  /** How often the rule applies; then it is forgotten. Default: always. */
  times?: number;
}

/** What rules look at. */
export interface PushFaultSubject {
  endpoint: string;
  request: number;
}

export class PushFaultRules {
  private readonly rules: PushFaultRule[] = [];

  add(rule: PushFaultRule): void {
    this.rules.push({ ...rule });
  }

  clear(): void {
    this.rules.length = 0;
  }

  /** The first rule that fits, used up by one. */
  take(at: PushFaultPoint, subject: PushFaultSubject): PushFaultRule | undefined {
    const index = this.rules.findIndex((rule) => (rule.at ?? 'before') === at && fits(rule, subject));
    const rule = this.rules[index];
    if (rule?.times !== undefined && --rule.times <= 0) this.rules.splice(index, 1);
    return rule;
  }
}

function fits(rule: PushFaultRule, { endpoint, request }: PushFaultSubject): boolean {
  return (
    (rule.endpoint === undefined || rule.endpoint === endpoint) &&
    (rule.request === undefined || rule.request === request)
  );
}

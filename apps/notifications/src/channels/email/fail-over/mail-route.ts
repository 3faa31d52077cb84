import { Logger } from '@nestjs/common';
import type { Allowance, ChannelRequest, Content, Outcome, Provider } from '../../channel.js';
import type { EmailProvider } from '../email-provider.js';
import { Circuit, type CircuitTimes } from './circuit.js';
import { isOurLimit, outageOf, reasonOf } from './outage.js';

/** The least wait of what only a provider that takes no mails may send. */
const LEAST_WAIT_MS = 30_000;

/** What a route needs to know of the channel. */
export interface RouteOptions {
  readonly name: string;
  compose(content: Content, provider: EmailProvider): Buffer;
  /** Another provider would take a mail now. */
  hasOther(route: MailRoute): boolean;
  readonly times: CircuitTimes;
}

/** One provider of EMAIL_URL, and its circuit: mails take this way unless it is open. Each process learns it by itself. */
export class MailRoute implements Provider {
  readonly keyedBy = 'batch';
  readonly name: string;
  readonly format: string;
  readonly maxInFlight: number;
  readonly idempotent: boolean;
  readonly verify: Provider['verify'];
  private readonly log = new Logger(MailRoute.name);
  private readonly circuit: Circuit;
  /** When it is looked at again, on the monotonic clock. */
  private againAt = 0;
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private isClosed = false;
  /** Why it is left alone. */
  private reason = '';

  constructor(
    private readonly provider: EmailProvider,
    private readonly options: RouteOptions,
  ) {
    this.name = options.name;
    this.format = provider.format;
    this.maxInFlight = provider.maxInFlight;
    this.idempotent = provider.idempotent;
    this.verify = provider.verify?.bind(provider);
    this.circuit = new Circuit(options.times);
  }

  /** The next mail may go to it. */
  get takes(): boolean {
    if (!this.circuit.takes || this.provider.limit?.isPausedForLong) return false;
    // While a trial must wait for the limit, mails go elsewhere.
    return this.circuit.state === 'closed' || this.allowance().calls > 0;
  }

  get isOpen(): boolean {
    return this.circuit.state !== 'closed' || this.provider.limit?.isPausedForLong === true;
  }

  /** Until it is looked at again, in milliseconds. */
  get againInMs(): number {
    return Math.max(this.againAt - performance.now(), 0);
  }

  get leftAloneMs(): number {
    return this.isOpen ? Math.max(this.againInMs, LEAST_WAIT_MS) : 0;
  }

  /** A sentence for an operator, null when it takes mails. */
  get problem(): string | null {
    if (this.circuit.state !== 'closed') return `${this.name} takes no mails (${this.reason})`;
    return this.isOpen ? `${this.name} takes no mails (it has told another replica to wait)` : null;
  }

  /** A trial is one mail: what it does to one it would do to a hundred. */
  get maxBatch(): number {
    return this.circuit.state === 'trial' ? 1 : this.provider.maxBatch;
  }

  allowance(): Allowance {
    const allowed = this.provider.allowance?.() ?? { calls: this.maxInFlight, againInMs: 0 };
    if (this.circuit.state !== 'trial') return allowed;
    const { calls, requestedCalls = calls, againInMs } = allowed;
    return { calls: Math.min(calls, 1), requestedCalls: Math.min(requestedCalls, 1), againInMs };
  }

  compose(content: Content): Buffer {
    return this.options.compose(content, this.provider);
  }

  async send(batch: readonly ChannelRequest[], key: string, isRequested = false): Promise<Outcome[]> {
    const isTrial = this.circuit.begun();
    try {
      const outcomes = await this.provider.send(batch, key, isRequested);
      this.learn(batch[0]?.deliveryId ?? key, outcomes);
      return this.isOpen && this.options.hasOther(this) ? outcomes.map(movable) : outcomes;
    } finally {
      if (isTrial) this.circuit.tried();
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await this.provider.close();
    await this.looking;
  }

  private learn(request: string, outcomes: readonly Outcome[]): void {
    if (outcomes.every(isOurLimit)) return;
    if (outcomes.some(({ kind }) => kind === 'accepted')) {
      if (this.circuit.accepted()) this.healed();
      return;
    }
    const failure = outcomes.find((outcome) => outageOf(outcome));
    const outage = failure && outageOf(failure);
    if (!outage) {
      this.circuit.answered();
      return;
    }
    // Only where mails can go elsewhere: the one that is left is tried by the retry schedule.
    if (this.circuit.state === 'closed' && !this.options.hasOther(this)) return;
    if (this.circuit.failed(request, outage)) this.opened(reasonOf(failure));
    // It may be this mail alone. Whether anybody gets in can be asked without one.
    else if (this.circuit.state === 'closed') this.look();
  }

  /** Tries to reach it without a mail. */
  private look(): void {
    this.looking ??= this.reach()
      .catch((error: unknown) => {
        this.log.error({ message: 'mail provider not checked, trying again', provider: this.name, error });
        if (this.circuit.state === 'open' && !this.isClosed) this.wait();
      })
      .finally(() => {
        this.looking = undefined;
      });
  }

  private async reach(): Promise<void> {
    // Only what was asked at the end of its wait ends it.
    const isOver = this.circuit.state === 'open';
    const problem = await this.provider.verify?.();
    if (this.isClosed) return;
    if (problem) {
      this.circuit.open();
      this.opened(problem);
    } else if (this.circuit.state === 'open') {
      if (isOver) this.circuit.try();
      else this.wait();
    }
  }

  private opened(reason: string): void {
    if (this.isClosed) return;
    this.reason = reason;
    const waitMs = this.wait();
    this.log.warn({
      message: 'mail provider takes no mails: they go through the next one, and come back by themselves',
      provider: this.name,
      reason,
      waitMs,
    });
  }

  /** @returns for how long */
  private wait(): number {
    const { waitMs } = this.circuit;
    this.againAt = performance.now() + waitMs;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), waitMs).unref();
    return waitMs;
  }

  private healed(): void {
    clearTimeout(this.timer);
    this.log.log({ message: 'mail provider takes mails again', provider: this.name });
  }
}

/** What certainly was not taken, and not because of its own address, may go to another provider. */
function movable(outcome: Outcome): Outcome {
  const isNotTaken = outcome.kind === 'not_sent' || outcome.kind === 'throttled';
  return isNotTaken && (outageOf(outcome) || isOurLimit(outcome)) ? { ...outcome, hasOther: true } : outcome;
}

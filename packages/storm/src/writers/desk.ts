import type { FileTicketResponse } from '@bellhop/contracts/http';
import type { Identity, Issuer } from '@bellhop/local-stack';
import type { People } from '../people/people.js';
import type { Random } from '../world/random.js';
import { type HttpContext, type HttpWrite, requestUntilAnswered } from './http.js';
import { type Pace, repeatConcurrently } from './pace.js';

/** Few enough to stay below the ceilings: 30 mails an hour per customer, 10 in ten minutes per ticket. */
const STEPS = { fewest: 2, most: 7 };
const TICKETS_PER_CUSTOMER = 2;
const TICKETS_PER_AGENT = 5;
const AT_ONCE = 16;

export interface DeskOptions extends HttpContext {
  readonly people: People;
  readonly issuer: Issuer;
  readonly random: Random;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** Customers who file tickets and agents who answer them, through the real `tickets`. */
export function writeAtDesk(options: DeskOptions): Promise<void> {
  return repeatConcurrently((index) => new TicketScenario(options, index).run(), {
    atOnce: AT_ONCE,
    signal: options.signal,
  });
}

class TicketScenario {
  private readonly random: Random;
  private readonly customer: Identity;
  private readonly agent: Identity;
  private ticketId = '';
  private step = 0;

  constructor(
    private readonly options: DeskOptions,
    private readonly index: number,
  ) {
    this.random = options.random.branch(index);
    const customer = `c-${Math.floor(index / TICKETS_PER_CUSTOMER)}`;
    const agent = `a-${Math.floor(index / TICKETS_PER_AGENT)}`;
    const locale = this.random.pick(['en', 'pl', 'de']);
    this.customer = { id: customer, email: `${customer}@customers.example`, locale, isAgent: false };
    this.agent = { id: agent, email: `${agent}@agents.example`, locale: 'en', isAgent: true };
  }

  async run(): Promise<void> {
    const { people } = this.options;
    await Promise.all([people.join(this.customer, this.options), people.join(this.agent, this.options)]);
    const filed = await this.ask<FileTicketResponse>(this.customer, 'POST', '/tickets', {
      category: 'trading',
      subject: 'A question',
    });
    if (!filed) return;
    this.ticketId = filed.id;
    await this.atDesk('replies');
    for (let steps = this.random.between(STEPS.fewest, STEPS.most); steps > 0; steps -= 1) {
      await this.random.pick([
        () => this.atDesk('replies'),
        () => this.atDesk('replies'),
        () => this.atDesk('information-requests'),
        () => this.asCustomer('POST', 'messages'),
        () => this.asCustomer('PUT', 'seen'),
        () => this.assign(),
        () => this.atBrowser(),
      ])();
    }
    if (this.random.chance(0.8)) await this.atDesk('resolution');
  }

  private atDesk(what: string): Promise<unknown> {
    return this.ask(this.agent, 'POST', `/desk/tickets/${this.ticketId}/${what}`, {});
  }

  private asCustomer(method: 'POST' | 'PUT', what: string): Promise<unknown> {
    return this.ask(this.customer, method, `/tickets/${this.ticketId}/${what}`, {});
  }

  private atBrowser(): Promise<void> {
    const { people } = this.options;
    return this.random.chance(0.7)
      ? people.seeFeed(this.customer, this.options)
      : people.switchOff(this.customer, this.options);
  }

  private assign(): Promise<unknown> {
    return this.ask(this.agent, 'POST', `/desk/tickets/${this.ticketId}/assignment`, { agent: this.agent.email });
  }

  private async ask<T>(who: Identity, method: HttpWrite['method'], path: string, body: object): Promise<T | undefined> {
    const { issuer, pace } = this.options;
    const isCounted = method === 'POST' && !path.endsWith('/assignment');
    const key = `desk-${this.index}-${this.step++}`;
    // Drawn before the wait, so that the random sequence does not depend on timing.
    const cutAfterMs = this.random.chance(0.05) ? this.random.between(1, 15) : undefined;
    await pace.turn();
    return requestUntilAnswered<T>(
      {
        who: who.isAgent ? 'agent' : 'customer',
        headers: { authorization: `Bearer ${issuer.token(who)}` },
        ...{ method, path, key, isCounted, cutAfterMs },
        body: isCounted ? { ...body, body: key } : body,
      },
      this.options,
    );
  }
}

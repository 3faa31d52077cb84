import { randomUUID } from 'node:crypto';
import type { FileTicketResponse } from '@bellhop/contracts/http';
import { type Identity, type Issuer, waitFor } from '@bellhop/local-stack';
import type { People } from '../people/people.js';
import type { StormProvider } from '../world/provider.js';
import type { Random } from '../world/random.js';
import { type HttpContext, type HttpWrite, requestUntilAnswered } from './http.js';
import { type Pace, repeatConcurrently } from './pace.js';

const STEPS = { fewest: 1, most: 4 };
const GUESTS_PER_AGENT = 5;
const AT_ONCE = 8;
/** After that the guest gives up, and the ticket stays unproven. */
const CODE_PATIENCE_MS = 60_000;

export interface GuestOptions extends HttpContext {
  readonly people: People;
  readonly guestAuthUrl: string;
  readonly provider: StormProvider;
  readonly issuer: Issuer;
  readonly random: Random;
  readonly pace: Pace;
  readonly signal: AbortSignal;
}

/** People without an account: each files a ticket, proves the mailbox by the code in it, and writes with an agent. */
export function writeAsGuests(options: GuestOptions): Promise<void> {
  return repeatConcurrently((index) => new GuestScenario(options, index).run(), {
    atOnce: AT_ONCE,
    signal: options.signal,
  });
}

class GuestScenario {
  private readonly random: Random;
  private readonly email: string;
  private readonly network: string;
  private readonly agent: Identity;
  private readonly cookies = new Map<string, string>();
  private ticketId = '';
  private challengeId = '';
  private step = 0;

  constructor(
    private readonly options: GuestOptions,
    private readonly index: number,
  ) {
    this.random = options.random.branch(index);
    // A domain and a network of its own: budgets are not tested here.
    this.email = `someone@guest-${index}.example`;
    this.network = `${11 + ((index >> 8) % 100)}.${index % 256}.7.7`;
    const agent = `g-${Math.floor(index / GUESTS_PER_AGENT)}`;
    this.agent = { id: agent, email: `${agent}@agents.example`, locale: 'en', isAgent: true };
  }

  async run(): Promise<void> {
    await this.options.people.join(this.agent, this.options);
    if (!(await this.file()) || !(await this.prove())) return;
    await this.atDesk('replies');
    for (let steps = this.random.between(STEPS.fewest, STEPS.most); steps > 0; steps -= 1) {
      await this.random.pick([
        () => this.atDesk('replies'),
        () => this.atDesk('information-requests'),
        () => this.asGuest('POST', `/tickets/${this.ticketId}/messages`),
        () => this.asGuest('PUT', `/tickets/${this.ticketId}/seen`),
      ])();
    }
    if (this.random.chance(0.8)) await this.atDesk('resolution');
  }

  /** Not counted: before the first answer there is no cookie that tells a second try from a second person. */
  private async file(): Promise<boolean> {
    const guest = { email: this.email, locale: this.random.pick(['en', 'de', 'pl']) };
    const body = { category: 'trading', subject: 'A question', body: 'Where is it?', guest };
    const filed = await this.ask<FileTicketResponse>({ path: '/tickets', body, isCounted: false });
    this.ticketId = filed?.id ?? '';
    this.challengeId = filed?.challengeId ?? '';
    return filed?.challengeId !== undefined;
  }

  private async prove(): Promise<boolean> {
    const { provider, guestAuthUrl: url, log } = this.options;
    const code = await waitFor(() => provider.codeFor(this.email), { timeoutMs: CODE_PATIENCE_MS }).catch(
      () => undefined,
    );
    if (code === undefined) return false;
    const path = `/guest/challenges/${this.challengeId}/verification`;
    const proven = await this.ask({ path, body: { code }, isCounted: false }, [url]);
    if (proven) log.prove(this.ticketId);
    return proven !== undefined;
  }

  private asGuest(method: HttpWrite['method'], path: string): Promise<unknown> {
    return this.ask({ method, path, body: {}, isCounted: method === 'POST' });
  }

  private async atDesk(what: string): Promise<void> {
    const { issuer, pace } = this.options;
    const key = this.nextKey();
    await pace.turn();
    await requestUntilAnswered(
      {
        ...{ who: 'agent', method: 'POST', path: `/desk/tickets/${this.ticketId}/${what}`, key, isCounted: true },
        headers: { authorization: `Bearer ${issuer.token(this.agent)}` },
        body: { body: key },
      },
      this.options,
    );
  }

  private async ask<T>(
    write: Pick<HttpWrite, 'path' | 'body' | 'isCounted'> & Partial<HttpWrite>,
    urls = this.options.urls,
  ): Promise<T | undefined> {
    const key = write.isCounted ? this.nextKey() : randomUUID();
    await this.options.pace.turn();
    return requestUntilAnswered<T>(
      {
        ...{ who: 'guest', method: 'POST', key, ...write },
        body: write.isCounted ? { ...write.body, body: key } : write.body,
        headers: {
          'x-forwarded-for': this.network,
          ...(this.cookies.size > 0 && { cookie: [...this.cookies].map((pair) => pair.join('=')).join('; ') }),
        },
        onCookies: (lines) => this.keep(lines),
      },
      { ...this.options, urls },
    );
  }

  private nextKey(): string {
    return `guest-${this.index}-${this.step++}`;
  }

  private keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';');
      const at = pair.indexOf('=');
      this.cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
  }
}

import { randomUUID } from 'node:crypto';
import type { FileTicketResponse } from '@bellhop/contracts/http';
import { type Identity, waitFor } from '@bellhop/local-stack';
import { History } from '../src/history/history.js';
import { requestUntilAnswered } from '../src/writers/http.js';
import type { Stage } from './stage.js';

const AGENT: Identity = { id: 'agent', email: 'agent@agents.example', locale: 'en', isAgent: true };
const WAIT_MS = 60_000;

/** Somebody with an account and devices, whose ticket an agent answers. */
export class Customer {
  private ticketId = '';
  private readonly noting;

  private constructor(
    private readonly stage: Stage,
    private readonly identity: Identity,
  ) {
    this.noting = { log: stage.world.log, history: new History() };
  }

  /**
   * Files a ticket. Resolves when the page has heard how things stand: otherwise what it is told of later would be the first it hears.
   * @param devices in how many push is switched on
   */
  static async arrive(stage: Stage, { devices = 1 } = {}): Promise<Customer> {
    const id = `customer-${randomUUID()}`;
    const identity = { id, email: `${id}@customers.example`, locale: 'en', isAgent: false };
    const customer = new Customer(stage, identity);
    await stage.world.people.join(AGENT, customer.noting, 0);
    await stage.world.people.join(identity, customer.noting, devices);
    const body = { category: 'trading', subject: 'A question', body: 'Where is it?' };
    customer.ticketId = (await customer.ask<FileTicketResponse>(identity, 'POST', '/tickets', body)).id;
    await customer.told(1);
    await waitFor(() => stage.world.people.pages.get(id)?.last?.unread, {
      timeoutMs: WAIT_MS,
      what: 'the page to hear',
    });
    return customer;
  }

  /** An agent answers. Resolves when it is decided who is told, and mail and entry are settled. */
  async hear(): Promise<void> {
    await this.ask(AGENT, 'POST', `/desk/tickets/${this.ticketId}/replies`, { body: 'Here.' });
    await this.told(2);
  }

  async switchOff(): Promise<void> {
    await this.stage.world.people.switchOff(this.identity, this.noting);
  }

  /** Resolves when that is known to whoever sends. */
  async see(): Promise<void> {
    await this.ask(this.identity, 'PUT', `/tickets/${this.ticketId}/seen`, {});
    await this.until('select from known_tickets where ticket_id = $1 and seen_version >= version');
  }

  private told(version: number): Promise<void> {
    return this.until(
      `select from known_tickets where ticket_id = $1 and version = ${version}
       and not exists (select from deliveries where ticket_id = $1 and channel <> 'push' and settled_at is null)`,
    );
  }

  private async until(sql: string): Promise<void> {
    const isSo = async () => (await this.stage.world.databases.rows('notifications', sql, [this.ticketId])).length > 0;
    await waitFor(isSo, { timeoutMs: WAIT_MS, what: sql });
  }

  private async ask<T>(who: Identity, method: 'POST' | 'PUT', path: string, body: object): Promise<T> {
    const { tickets, issuer } = this.stage.world;
    const headers = { authorization: `Bearer ${issuer.token(who)}` };
    const write = { who: who.id, headers, method, path, body, key: randomUUID(), isCounted: false } as const;
    const answer = await requestUntilAnswered<T>(write, { ...this.noting, urls: [tickets.url] });
    if (!answer) throw new Error(`${method} ${path} was refused`);
    return answer;
  }
}

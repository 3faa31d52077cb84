import { normaliseAddress } from '@bellhop/contracts/persons';
import { RpcClient } from '@bellhop/jetstream';
import { Database, Shutdown } from '@bellhop/service';
import { Signal } from '@bellhop/waiting';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { GuestMetrics } from '../guest-metrics.js';
import { isLongClosed } from '../links/link.js';
import { findTicket } from '../tickets/find-ticket.js';
import { rememberTickets } from '../tickets/remember-tickets.js';
import { claimRequests, type LinkRequest } from './claim-requests.js';
import { deleteRequest } from './delete-request.js';

const POLL_MS = 1_000;
const AT_ONCE = 20;

/**
 * Answers requests for fresh links after the one who asked has his answer, which therefore cannot tell by its time what exists.
 * Requests are rows: those of a process that dies, and those made while another service is away, are taken up again.
 */
@Injectable()
export class FreshLinkWorker implements OnApplicationBootstrap {
  private readonly log = new Logger(FreshLinkWorker.name);
  private readonly stopping = new AbortController();
  private readonly news = new Signal();
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: Database,
    private readonly rpc: RpcClient,
    private readonly metrics: GuestMetrics,
    shutdown: Shutdown,
  ) {
    shutdown.add('workers', 'fresh links', () => this.stop());
  }

  onApplicationBootstrap(): void {
    this.loop = this.run();
  }

  wake(): void {
    this.news.notify();
  }

  private async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    // Without a database the loop waits for one, and holds nothing.
    if (this.database.isReady) await this.loop;
  }

  private async run(): Promise<void> {
    const { manager } = await this.database.whenReady();
    while (!this.stopping.signal.aborted) {
      const claimed = await this.claim(manager);
      await Promise.all(claimed.map((request) => this.settle(manager, request)));
      if (claimed.length < AT_ONCE) await this.news.wait(POLL_MS);
    }
  }

  private async claim(manager: EntityManager): Promise<LinkRequest[]> {
    try {
      return await claimRequests(manager, AT_ONCE);
    } catch (error) {
      this.log.warn({ message: 'requests for links could not be looked up, trying again', error: String(error) });
      return [];
    }
  }

  private async settle(manager: EntityManager, request: LinkRequest): Promise<void> {
    try {
      const outcome = request.isLate ? 'given_up' : await this.send(manager, request);
      await deleteRequest(manager, request.id);
      this.metrics.countFreshLink(outcome);
      if (outcome === 'given_up') this.log.error({ message: 'a fresh link was given up', requestId: request.id });
    } catch (error) {
      const message = 'a fresh link waits for another service or the database';
      this.log.warn({ message, requestId: request.id, error: String(error) });
    }
  }

  private async send(manager: EntityManager, { id, number, email }: LinkRequest): Promise<'sent' | 'not_sent'> {
    const found = await this.rpc.request('findForGuest', { number, email: normaliseAddress(email) });
    if (!found) return 'not_sent';
    // As it was proven: whoever writes it with other capitals may, to a strict mail server, be somebody else.
    const { ticketId, email: sentTo = email } = found;
    // Events tell the same, with a version of their own; this is for a ticket of which none has come yet.
    await rememberTickets(manager, [{ ticketId, number, locale: null, version: 0, closedAt: null, isSure: true }]);
    const ticket = await findTicket(manager, ticketId);
    if (isLongClosed(ticket?.closedAt ?? null, new Date())) return 'not_sent';
    const locale = ticket?.locale;
    await this.rpc.request('sendLink', { requestId: id, ticketId, email: sentTo, number, ...(locale && { locale }) });
    return 'sent';
  }
}

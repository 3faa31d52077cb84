import { normaliseAddress } from '@bellhop/contracts/persons';
import { Shutdown } from '@bellhop/http';
import { RpcClient } from '@bellhop/jetstream';
import { Database } from '@bellhop/service';
import { Signal } from '@bellhop/waiting';
import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { GuestMetrics } from '../guest-metrics.js';
import { isLongClosed } from '../links/link.js';
import { findTicket, upsertTickets } from '../tickets/ticket-store.js';
import { claimRequests, deleteRequest, type LinkRequest } from './link-request-store.js';

const POLL_MS = 1_000;
const MAX_CLAIMED = 20;

/**
 * Sends fresh links in the background. The guest is answered before, so that the time of the answer does not reveal whether the ticket exists.
 * Requests are rows: those of a process that crashed, and those made while another service is unavailable, are tried again.
 */
@Injectable()
export class FreshLinkWorker implements OnApplicationBootstrap {
  private readonly log = new Logger(FreshLinkWorker.name);
  private readonly stopping = new AbortController();
  private readonly newRequests = new Signal();
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

  /** Tells that there is a new request, which is then processed at once. */
  notify(): void {
    this.newRequests.notify();
  }

  private async stop(): Promise<void> {
    this.stopping.abort();
    this.notify();
    // Without a database the loop still waits for one, and there is nothing to finish.
    if (this.database.isReady) await this.loop;
  }

  private async run(): Promise<void> {
    const { manager } = await this.database.whenBackgroundReady();
    while (!this.stopping.signal.aborted) {
      const claimed = await this.claim(manager);
      await Promise.all(claimed.map((request) => this.process(manager, request)));
      if (claimed.length < MAX_CLAIMED) await this.newRequests.wait(POLL_MS);
    }
  }

  private async claim(manager: EntityManager): Promise<LinkRequest[]> {
    try {
      return await claimRequests(manager, MAX_CLAIMED);
    } catch (error) {
      this.log.warn({ message: 'claiming requests for links failed: next try in a second', error, retryMs: POLL_MS });
      return [];
    }
  }

  private async process(manager: EntityManager, request: LinkRequest): Promise<void> {
    const requestId = request.id;
    try {
      const outcome = request.isLate ? 'given_up' : await this.send(manager, request);
      await deleteRequest(manager, requestId);
      this.metrics.countFreshLink(outcome);
      if (outcome === 'given_up') {
        this.log.error({ message: 'a fresh link was not sent in time: the request is dropped', requestId });
      }
    } catch (error) {
      this.log.warn({ message: 'a fresh link was not sent: it is tried again within a minute', error, requestId });
    }
  }

  private async send(manager: EntityManager, { id, number, email }: LinkRequest): Promise<'sent' | 'not_sent'> {
    const found = await this.rpc.request('findForGuest', { number, email: normaliseAddress(email) });
    if (!found) return 'not_sent';
    // The address as it was proven: to a strict mail server, other capitals may be somebody else.
    const { ticketId, email: sentTo = email } = found;
    // For a ticket whose events have not arrived yet. Version 0 never overrides what an event told.
    await upsertTickets(manager, [{ ticketId, number, locale: null, version: 0, closedAt: null, isCertain: true }]);
    const ticket = await findTicket(manager, ticketId);
    if (isLongClosed(ticket?.closedAt ?? null, new Date())) return 'not_sent';
    const locale = ticket?.locale;
    await this.rpc.request('sendLink', { requestId: id, ticketId, email: sentTo, number, ...(locale && { locale }) });
    return 'sent';
  }
}

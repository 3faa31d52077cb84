import { randomUUID } from 'node:crypto';
import type { EventOf } from '@bellhop/contracts/events';
import type { ErasureView } from '@bellhop/contracts/http';
import type { RpcName } from '@bellhop/contracts/rpc';
import type { ServiceName } from '@bellhop/contracts/streams';
import { Problem } from '@bellhop/http';
import { RpcClient, RpcError } from '@bellhop/jetstream';
import { appendEvents } from '@bellhop/outbox';
import {
  Answer,
  Database,
  ErasureKeys,
  ErasureRegister,
  type IdempotentRequest,
  idempotent,
  insertErasures,
  type RequestedErasure,
} from '@bellhop/service';
import { Injectable } from '@nestjs/common';
import { isUuid } from '../ops/cursor.js';

/** Time limit for the replies of the other services, while an operator waits. */
const REPLY_MS = 1_500;

type ErasureRpc = Extract<RpcName, `erasureIn${string}`>;
type StateOfService = ErasureView['services'][number];

/** Requests erasures in all services, and their progress. */
@Injectable()
export class ErasuresService {
  constructor(
    private readonly database: Database,
    private readonly rpc: RpcClient,
    private readonly register: ErasureRegister,
    private readonly keys: ErasureKeys,
  ) {
    // A stream that has lost them, or was created again, gets them again under their old ids.
    register.onMissing = async (missing) => {
      await database.dataSource.transaction((manager) => appendEvents(manager, missing.map(eventOf)));
    };
  }

  /** Enters the erasure in the register, and publishes it to the other services. */
  async request(identity: string, once: IdempotentRequest | null): Promise<Answer> {
    const personHash = this.keys.hash(identity);
    // The idempotency record must not name the person either.
    const request = once && { ...once, body: { personHash } };
    const dataSource = await this.database.whenReady();
    const answer = await dataSource.transaction((manager) =>
      idempotent(manager, request, async () => {
        const erasure: RequestedErasure = { id: randomUUID(), personHash, requestedAt: new Date() };
        await insertErasures(manager, [erasure]);
        await appendEvents(manager, [eventOf(erasure)]);
        return { status: 202, body: { id: erasure.id } };
      }),
    );
    return new Answer(answer.status, await this.read((answer.body as { id: string }).id), answer.isReplayed);
  }

  /** @throws Problem 404 `erasure_not_found` */
  async read(id: string): Promise<ErasureView> {
    const requestedAt = isUuid(id) ? await this.register.requestedAt(id) : null;
    if (!requestedAt) throw erasureNotFound();
    const services = await Promise.all([
      this.stateOf('notifications', this.register.stateOf(id)),
      this.stateOf('tickets', this.requestState('erasureInTickets', id)),
      this.stateOf('guest-auth', this.requestState('erasureInGuestAuth', id)),
    ]);
    return { id, requestedAt: requestedAt.toISOString(), services };
  }

  private requestState(rpc: ErasureRpc, erasureId: string) {
    return this.rpc.request(rpc, { erasureId }, { timeoutMs: REPLY_MS });
  }

  private async stateOf(
    service: ServiceName,
    reply: Promise<(Pick<StateOfService, 'counts'> & { erasedAt: string }) | null>,
  ): Promise<StateOfService> {
    try {
      const state = await reply;
      return state ? { service, state: 'erased', ...state } : { service, state: 'waiting', erasedAt: null, counts: {} };
    } catch (error) {
      if (!(error instanceof RpcError)) throw error;
      return { service, state: 'no_answer', erasedAt: null, counts: {} };
    }
  }
}

function eventOf({ id, personHash, requestedAt }: RequestedErasure): EventOf<'erasure.requested.v1'> {
  return {
    specversion: '1.0',
    id,
    source: 'urn:bellhop:notifications',
    type: 'erasure.requested.v1',
    time: requestedAt.toISOString(),
    datacontenttype: 'application/json',
    data: { erasureId: id, person: personHash },
  };
}

function erasureNotFound(): Problem {
  const detail = 'The answer to `POST /ops/erasures` has its id; so has the log line of each service.';
  return new Problem(404, 'erasure_not_found', 'No such erasure', detail);
}

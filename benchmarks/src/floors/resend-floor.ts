import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { renderAlert } from '@bellhop/email-templates';
import type { ResendServer } from '@bellhop/local-stack';
import type pg from 'pg';
import type { World } from '../world/world.js';
import { IntakeFloor } from './intake-floor.js';

const BATCH = 100;
const IN_FLIGHT = 10;
const IDLE_MS = 2;

interface Claimed {
  readonly id: string;
  readonly address: string;
  readonly recipient_key: string;
  readonly ticket_id: string;
  readonly ticket_number: string;
}

/**
 * The bare loop from an event to Resend: writes and claims the same rows, stores requests before they are sent, has ten batches of a
 * hundred in flight, and records outcomes and their events. It has no checks, no encryption and no error handling.
 */
export class ResendFloor {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: IN_FLIGHT });
  private readonly underWay = new Set<Promise<void>>();
  private settled = 0;

  private constructor(
    private readonly intake: IntakeFloor,
    private readonly claims: pg.Client,
    private readonly records: pg.Client,
    private readonly provider: ResendServer,
  ) {}

  static async prepare(world: World, provider: ResendServer): Promise<ResendFloor> {
    const url = await world.spareDatabase();
    const intake = await IntakeFloor.prepare(world, url, 0);
    return new ResendFloor(intake, await world.client(url), await world.client(url), provider);
  }

  /** @returns mails per second */
  async deliver(count: number): Promise<number> {
    this.settled = 0;
    const startedAt = performance.now();
    await Promise.all([this.intake.consume(count), this.dispatch(count)]);
    return count / ((performance.now() - startedAt) / 1_000);
  }

  private async dispatch(count: number): Promise<void> {
    while (this.settled < count) {
      const free = IN_FLIGHT - this.underWay.size;
      const claimed = free > 0 ? await this.claim(free * BATCH) : [];
      if (claimed.length === 0) await Promise.race([pause(IDLE_MS), ...this.underWay]);
      for (let start = 0; start < claimed.length; start += BATCH) {
        const batch = claimed.slice(start, start + BATCH);
        const sending: Promise<void> = this.send(batch).finally(() => this.underWay.delete(sending));
        this.underWay.add(sending);
      }
    }
  }

  private async claim(limit: number): Promise<Claimed[]> {
    const { rows } = await this.claims.query<Claimed>({
      name: 'bare_resend_1',
      text: `update deliveries d set state = 'leased', fence = fence + 1, lease_until = now() + interval '30 seconds'
       from (select id from deliveries where channel = 'email' and system = 'bellhop' and (state || '') in ('pending', 'retrying', 'unknown')
         and due_at <= now() order by priority, due_at limit $1 for update skip locked) as due
       where d.id = due.id returning d.id, d.endpoint as address, d.recipient_key, d.ticket_id, d.ticket_number`,
      values: [limit],
    });
    return rows;
  }

  private async send(batch: readonly Claimed[]): Promise<void> {
    const id = randomUUID();
    const body = Buffer.from(JSON.stringify(batch.map(mail)));
    await this.claims.query({
      name: 'bare_resend_2',
      text: `with told as (
         insert into told (recipient_key, system, ticket_id, channel, version)
         select *, 'email', 2 from unnest($3::text[], array_fill('bellhop'::text, array[$5::int]), $4::text[])
         on conflict do nothing
       ), frozen as (insert into frozen_requests (batch_id, sealed) values ($1, $6))
       update deliveries set state = 'sending', batch_id = $1, attempted_at = now() where id = any ($2)`,
      values: [
        id,
        batch.map((one) => one.id),
        batch.map((one) => one.recipient_key),
        batch.map((one) => one.ticket_id),
        batch.length,
        body,
      ],
    });
    const { data } = JSON.parse(await this.post(body, id)) as { data: { id: string }[] };
    const events = batch.map(({ ticket_id }) => JSON.stringify({ id: randomUUID(), ticket: ticket_id }));
    await this.records.query({
      name: 'bare_resend_3',
      text: `with settled as (
         update deliveries d set state = 'accepted', provider_ref = m.ref, settled_at = now(), lease_until = null
         from unnest($2::uuid[], $3::text[]) as m (id, ref) where d.id = m.id
       ), wiped as (delete from frozen_requests where batch_id = $1)
       insert into outbox (event_id, subject, data)
       select id, 'notifications.v1.accepted', data from unnest($2::text[], $4::text[]) as e (id, data)`,
      values: [id, batch.map((one) => one.id), data.map((one) => one.id), events],
    });
    this.settled += batch.length;
  }

  private async post(body: Buffer, key: string): Promise<string> {
    const { httpUrl, url } = this.provider;
    const outgoing = request(`${httpUrl}/emails/batch`, {
      method: 'POST',
      agent: this.agent,
      headers: {
        Authorization: `Bearer ${new URL(url).username}`,
        'User-Agent': 'bare-loop',
        'Content-Type': 'application/json',
        'Content-Length': body.length,
        'Idempotency-Key': key,
      },
    });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const pieces: Buffer[] = [];
    for await (const piece of incoming) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString();
  }
}

function mail({ address, ticket_id, ticket_number }: Claimed) {
  const link = `https://support.example.test/tickets/${ticket_id}`;
  const { subject, html, text } = renderAlert('resolved', 'customer', {
    number: ticket_number,
    link,
    brand: 'Bellhop',
    locale: 'de',
  });
  return { from: 'Example Support <support@example.test>', to: [address], subject, html, text };
}

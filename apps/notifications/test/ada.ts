import type { TicketEvent } from '@bellhop/contracts/events';
import type { PreferencesResponse } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { expect } from '@jest/globals';
import type { RunningWithPush } from './running-with-push.js';

export const ADA = 'ada@example.com';

/** What somebody with an account does, and what is decided about the events that concern them. */
export function adaAt({ app, service, vapidKey, publish }: RunningWithPush) {
  async function ask<T = Record<string, unknown>>(
    method: string,
    path: string,
    { body, who = ADA, authTime }: { body?: object; who?: string; authTime?: number } = {},
  ): Promise<{ status: number; headers: Headers; body: T }> {
    const reply = await fetch(app.url + path, {
      method,
      headers: {
        authorization: `Bearer ${await app.token(who, authTime)}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await reply.text();
    return { status: reply.status, headers: reply.headers, body: (text === '' ? {} : JSON.parse(text)) as T };
  }
  const preferences = (who?: string) =>
    ask<PreferencesResponse>('GET', '/notifications/preferences', who ? { who } : {});
  const set = (body: object, who = ADA) => ask<PreferencesResponse>('PUT', '/notifications/preferences', { body, who });

  async function switchOn(who = ADA) {
    const subscription = service.subscribe({ vapidKey: vapidKey });
    expect((await ask('POST', '/notifications/push-subscriptions', { body: subscription, who })).status).toBe(201);
    return subscription.endpoint;
  }

  let tickets = 0;
  function replyTo(person: string, ticket: object = {}): Promise<TicketEvent> {
    const number = `P${++tickets}`;
    const requester = { kind: 'user' as const, id: person, email: `${person}@example.com` };
    return publish(
      buildEvent('ticket.replied.v1', {
        requester,
        actor: { kind: 'agent', id: 'lea' },
        ticket: { id: `T-${number}`, number, version: 2, ...ticket },
      }),
    );
  }
  const seen = (event: TicketEvent) =>
    publish(
      buildEvent('ticket.seen.v1', {
        requester: event.data.requester,
        actor: { kind: 'customer', id: 'ada' },
        ticket: event.data.ticket,
      }),
    );

  /** What was decided for each channel of the requester: the reason and rule, and the state and due time of the delivery. */
  async function decided(event: TicketEvent) {
    const rows = () =>
      app.database.dataSource.query(
        `select c.channel, c.reason, c.rule, d.state, d.reason as ended, extract(epoch from d.due_at - d.first_at)::float8 as seconds
         from decisions c left join deliveries d on d.id = c.delivery_id where c.event_id = $1`,
        [event.id],
      );
    await waitFor(async () => (await rows()).length >= 3, { what: 'a decision for each channel' });
    const found = await rows();
    return Object.fromEntries(found.map((row: { channel: string }) => [row.channel, row])) as Record<
      string,
      { reason: string | null; rule: string | null; state: string | null; ended: string | null; seconds: number | null }
    >;
  }
  const untilState = (event: TicketEvent, channel: string, state: string) =>
    waitFor(async () => (await decided(event))[channel]?.state === state, { what: `${channel} to be ${state}` });
  const mailsAbout = (event: TicketEvent) =>
    app.mails.to(ADA).filter(({ raw }) => raw.includes(event.data.ticket.number));

  return { ask, preferences, set, switchOn, replyTo, seen, decided, untilState, mailsAbout };
}

export type Ada = ReturnType<typeof adaAt>;

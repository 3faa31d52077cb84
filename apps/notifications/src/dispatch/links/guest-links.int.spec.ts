import { randomUUID } from 'node:crypto';
import { NatsLink, RpcClient } from '@bellhop/jetstream';
import { type NatsServer, startNats, waitFor } from '@bellhop/local-stack';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { GuestAuth } from '../../../test/guest-auth.js';
import type { LeasedDelivery } from '../delivery.js';
import type { Retrying } from '../outcomes/mark-retrying.js';
import { GuestLinks, needsLink } from './guest-links.js';

let nats: NatsServer;
let link: NatsLink;
let guestAuth: GuestAuth;
let links: GuestLinks;
let linked: Map<string, string>;
let released: Retrying[];

beforeAll(async () => {
  Logger.overrideLogger(false);
  nats = await startNats({ accounts: true });
  link = new NatsLink({ url: nats.urlFor('notifications'), name: 'notifications', log: () => undefined });
  link.start();
  await link.connected();
  guestAuth = await GuestAuth.start(nats);
});
afterAll(async () => {
  await guestAuth?.stop();
  await link?.close();
  await nats?.stop();
});
beforeEach(() => {
  linked = new Map();
  released = [];
  links = new GuestLinks(new RpcClient(link, 500), () => {
    const replies = links.take();
    for (const [{ id }, one] of replies.linked) linked.set(id, one);
    released.push(...replies.released);
  });
});
afterEach(async () => {
  await links.stop();
  guestAuth.requests.length = 0;
});

const guests = (count: number): LeasedDelivery[] =>
  Array.from({ length: count }, (_, index) => {
    const delivery: Partial<LeasedDelivery> = {
      id: randomUUID(),
      ticketId: randomUUID(),
      endpoint: `g-${index}@example.com`,
    };
    return delivery as LeasedDelivery;
  });

it('requests up to 250 links at once, and gives each delivery its own', async () => {
  await guestAuth.answer();
  const all = guests(600);
  links.request(all);
  await waitFor(() => linked.size === 600);
  expect(guestAuth.requests.map(({ length }) => length)).toEqual([250, 250, 100]);
  for (const { id } of all) expect(linked.get(id)).toBe(guestAuth.links.get(id));
  expect(released).toEqual([]);
});

it('releases all at once when guest-auth is unavailable, and sends no request for a second', async () => {
  await guestAuth.leave();
  links.request(guests(600));
  await waitFor(() => released.length === 600);
  expect(released.every(({ reason, isFree, waitMs }) => reason === 'links_unavailable' && isFree && waitMs > 0)).toBe(
    true,
  );
  await guestAuth.answer();
  links.request(guests(3));
  expect(released).toHaveLength(603);
  expect(guestAuth.requests).toEqual([]);
  await waitFor(
    () => {
      links.request(guests(1));
      return linked.size > 0;
    },
    { what: 'links to be had again' },
  );
});

it('keeps at most a thousand deliveries waiting for a reply', async () => {
  await guestAuth.answer(() => undefined);
  links.request(guests(250));
  await waitFor(() => guestAuth.requests.length === 1);
  links.request(guests(1_500));
  expect(released.map(({ reason }) => reason)).toEqual(Array.from({ length: 500 }, () => 'links_crowded'));
  await waitFor(() => released.length === 1_750);
});

it('releases only the deliveries that a reply leaves out', async () => {
  await guestAuth.answer((message, requests) => {
    const [first] = requests;
    message.respond(JSON.stringify([{ deliveryId: first!.deliveryId, link: 'L'.repeat(43) }]));
  });
  links.request(guests(3));
  await waitFor(() => released.length === 2);
  expect(linked.size).toBe(1);
});

it('holds nothing after its end, even if a request was under way and others waited', async () => {
  await guestAuth.answer(() => undefined);
  links.request(guests(600));
  await waitFor(() => guestAuth.requests.length === 1);
  await links.stop();
  expect(released).toHaveLength(600);
});

it('releases at once what comes after its end', async () => {
  await links.stop();
  for (const count of [1, 2, 3]) links.request(guests(count));
  expect(released.map(({ reason, waitMs }) => [reason, waitMs])).toEqual(Array(6).fill(['given_back', 0]));
});

it('is needed only by guests of our own, and not for a code', () => {
  const guest = { role: 'requester', recipientKind: 'guest', system: 'bellhop', template: 'created' } as LeasedDelivery;
  expect(needsLink(guest)).toBe(true);
  for (const other of [{ system: 'crm' }, { recipientKind: 'user' }, { role: 'assignee' }, { template: 'code' }])
    expect(needsLink({ ...guest, ...other } as LeasedDelivery)).toBe(false);
});

import { connect as connectSocket } from 'node:net';
import { SERVICES, streams } from '@bellhop/contracts/streams';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { waitFor } from '../wait-for.js';
import { type NatsServer, startNats } from './nats.js';
import type { NatsUser } from './nats-accounts.js';

const RPC = [
  'tickets.rpc.v1.find_for_guest',
  'tickets.rpc.v1.erasure',
  'guest_auth.rpc.v1.erasure',
  'notifications.rpc.v1.send_code',
  'notifications.rpc.v1.send_link',
  'guest_auth.rpc.v1.issue_links',
  'guest_auth.rpc.v1.room_for_code',
  'guest_auth.rpc.v1.open_challenge',
  'guest_auth.rpc.v1.session',
];
const STREAMS = Object.keys(streams);
const FURTHER = STREAMS.filter((stream) => /^INBOUND_\d$/.test(stream));
const EVENTS = ['tickets.v1.replied', 'guests.v1.address_proven', 'notifications.v1.accepted', 'erasures.v1.requested'];
const INBOXES = [...SERVICES, 'provisioner', 'operator', 'crm'].map((user) => `_INBOX_${user}.x`);

/** Whom to erase is read from the beginning of the stream, without a consumer. */
const ERASURES = ['$JS.API.STREAM.INFO.ERASURES', '$JS.API.STREAM.MSG.GET.ERASURES'];

/** What each user may publish among PUBLISHED, to the letter; everything else must be refused. */
const MAY_PUBLISH: Record<NatsUser, string[]> = {
  tickets: [
    'tickets.v1.replied',
    'dead_letters.tickets.crm.invalid_event',
    'guest_auth.rpc.v1.room_for_code',
    'guest_auth.rpc.v1.open_challenge',
    'guest_auth.rpc.v1.session',
    'tickets.hints.v1',
    '$JS.API.STREAM.INFO.TICKETS',
    '$JS.API.STREAM.INFO.GUESTS',
    ...consuming('GUESTS', 'tickets'),
    ...rebuilding('TICKETS'),
    '$JS.API.STREAM.MSG.GET.TICKETS',
    ...ERASURES,
  ],
  notifications: [
    'notifications.v1.accepted',
    'dead_letters.notifications.crm.invalid_event',
    'erasures.v1.requested',
    'guest_auth.rpc.v1.issue_links',
    'guest_auth.rpc.v1.session',
    'guest_auth.rpc.v1.erasure',
    'tickets.rpc.v1.erasure',
    'notifications.feed.v1',
    ...ERASURES,
    '$JS.API.CONSUMER.LIST.ERASURES',
    ...['TICKETS', 'INBOUND', ...FURTHER, 'NOTIFICATIONS', 'DEAD_LETTERS'].map(
      (stream) => `$JS.API.STREAM.INFO.${stream}`,
    ),
    '$JS.API.STREAM.MSG.GET.DEAD_LETTERS',
    ...consuming('TICKETS', 'notifications'),
    ...consuming('INBOUND', 'notifications'),
    ...rebuilding('INBOUND'),
    ...['INBOUND', ...FURTHER].map((stream) => `$JS.API.STREAM.PURGE.${stream}`),
    ...FURTHER.flatMap((stream) => [
      `$JS.API.CONSUMER.LIST.${stream}`,
      ...consuming(stream, 'notifications'),
      ...[...SERVICES, 'thief'].flatMap((consumer) =>
        ['CREATE', 'INFO', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.${consumer}`),
      ),
    ]),
    ...rebuilding('NOTIFICATIONS'),
    '$JS.API.STREAM.MSG.GET.NOTIFICATIONS',
  ],
  'guest-auth': [
    'guests.v1.address_proven',
    'dead_letters.guest-auth.crm.invalid_event',
    'notifications.rpc.v1.send_code',
    'notifications.rpc.v1.send_link',
    'tickets.rpc.v1.find_for_guest',
    '$JS.API.STREAM.INFO.GUESTS',
    '$JS.API.STREAM.INFO.TICKETS',
    ...consuming('TICKETS', 'guest-auth'),
    ...rebuilding('GUESTS'),
    '$JS.API.STREAM.MSG.GET.GUESTS',
    ...ERASURES,
  ],
  provisioner: [
    ...STREAMS.flatMap((stream) => [
      ...['CREATE', 'UPDATE', 'INFO'].map((verb) => `$JS.API.STREAM.${verb}.${stream}`),
      ...[...SERVICES, 'thief'].flatMap((consumer) => [
        `$JS.API.CONSUMER.CREATE.${stream}.${consumer}`,
        `$JS.API.CONSUMER.CREATE.${stream}.${consumer}.tickets.v1.replied`,
        `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${consumer}`,
        `$JS.API.CONSUMER.INFO.${stream}.${consumer}`,
      ]),
    ]),
  ],
  operator: ['DEAD_LETTERS', 'NOTIFICATIONS'].flatMap((stream) => [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
  ]),
  crm: ['inbound.crm.tickets.v1.replied'],
  sys: ['$SYS.REQ.SERVER.PING', '$SYS.REQ.ACCOUNT.BELLHOP.CONNZ'],
};

const MAY_SUBSCRIBE: Record<Exclude<NatsUser, 'sys'>, string[]> = {
  tickets: [
    '_INBOX_tickets.x',
    'tickets.hints.v1',
    'tickets.rpc.v1.find_for_guest tickets',
    'tickets.rpc.v1.erasure tickets',
  ],
  notifications: [
    '_INBOX_notifications.x',
    'notifications.feed.v1',
    ...['send_code', 'send_link'].map((name) => `notifications.rpc.v1.${name} notifications`),
  ],
  'guest-auth': [
    '_INBOX_guest-auth.x',
    ...['issue_links', 'room_for_code', 'open_challenge', 'session', 'erasure'].map(
      (name) => `guest_auth.rpc.v1.${name} guest-auth`,
    ),
  ],
  provisioner: ['_INBOX_provisioner.x'],
  operator: ['_INBOX_operator.x'],
  crm: ['_INBOX.x'],
};

function consuming(stream: string, service: string): string[] {
  return [
    `$JS.API.CONSUMER.INFO.${stream}.${service}`,
    `$JS.API.CONSUMER.MSG.NEXT.${stream}.${service}`,
    `$JS.ACK.${stream}.${service}.1.1.1.1.1`,
  ];
}

/** What the owner of a stream does when it has lost its end. */
function rebuilding(stream: string): string[] {
  return [
    `$JS.API.CONSUMER.LIST.${stream}`,
    ...[...SERVICES, 'thief'].flatMap((consumer) => [
      `$JS.API.CONSUMER.CREATE.${stream}.${consumer}`,
      `$JS.API.CONSUMER.CREATE.${stream}.${consumer}.tickets.v1.replied`,
      ...['DURABLE.CREATE', 'INFO', 'DELETE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.${consumer}`),
    ]),
  ];
}

const PUBLISHED = [
  ...EVENTS,
  'notifications.feed.v1',
  'tickets.hints.v1',
  'tickets.v1.replied.more',
  'inbound.crm.tickets.v1.replied',
  'inbound.crm.nonsense',
  'inbound.crm.tickets.v1.nonsense',
  'inbound.crm.guests.v1.address_proven',
  'inbound.erp.tickets.v1.replied',
  'inbound.bellhop.tickets.v1.replied',
  'inbound_2.crm.tickets.v1.replied',
  'inbound_2.erp.tickets.v1.replied',
  ...SERVICES.map((service) => `dead_letters.${service}.crm.invalid_event`),
  ...RPC,
  ...INBOXES,
  '_INBOX.x',
  '_R_.x',
  ...['INFO', 'STREAM.NAMES', 'STREAM.LIST'].map((verb) => `$JS.API.${verb}`),
  ...STREAMS.flatMap((stream) => [
    ...['CREATE', 'UPDATE', 'INFO', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE', 'MSG.GET', 'MSG.DELETE'].map(
      (verb) => `$JS.API.STREAM.${verb}.${stream}`,
    ),
    `$JS.API.DIRECT.GET.${stream}`,
    ...['CREATE', 'NAMES', 'LIST'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}`),
    ...[...SERVICES, 'thief'].flatMap((consumer) => [
      ...['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'MSG.NEXT', 'PAUSE', 'RESET'].map(
        (verb) => `$JS.API.CONSUMER.${verb}.${stream}.${consumer}`,
      ),
      `$JS.API.CONSUMER.CREATE.${stream}.${consumer}.tickets.v1.replied`,
      `$JS.ACK.${stream}.${consumer}.1.1.1.1.1`,
    ]),
  ]),
  '$JS.API.ACCOUNT.PURGE.BELLHOP',
  '$KV.x.y',
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.ACCOUNT.BELLHOP.CONNZ',
];

const SUBSCRIBED = [
  '>',
  '*.>',
  ...EVENTS,
  'notifications.feed.v1',
  'tickets.hints.v1',
  'tickets.v1.>',
  'inbound.>',
  'inbound.crm.>',
  'inbound_2.>',
  'dead_letters.>',
  ...RPC,
  ...RPC.flatMap((subject) => [...SERVICES, 'thief'].map((group) => `${subject} ${group}`)),
  ...INBOXES,
  '_INBOX.x',
  '_R_.>',
  '$JS.>',
  '$JS.API.>',
  '$JS.EVENT.>',
  '$SYS.>',
];

describe('S36 rights on NATS: only the cells of the table pass', () => {
  let nats: NatsServer;
  beforeAll(async () => {
    nats = await startNats({ accounts: true });
  });
  afterAll(() => nats.stop());

  it.each(Object.entries(MAY_PUBLISH) as [NatsUser, string[]][])('S36 %s publishes', async (user, expected) => {
    const passed = await allowed(nats.urlFor(user), PUBLISHED, (subject) => `PUB ${subject} 0\r\n`);
    // The SYS account has no streams: there, any subject leads nowhere. What counts is that nothing arrives elsewhere.
    if (user === 'sys') expect(passed).toEqual(expect.arrayContaining(expected));
    else expect(passed.sort()).toEqual([...new Set(expected)].sort());
  });

  it.each(Object.entries(MAY_SUBSCRIBE))('S36 %s subscribes', async (user, expected) => {
    const url = nats.urlFor(user as NatsUser);
    const passed = await allowed(url, SUBSCRIBED, (subject, index) => `SUB ${subject} ${index + 1}\r\n`);
    expect(passed.sort()).toEqual([...expected].sort());
  });

  it.each(['', 'nobody:guess', 'crm:guess'])('S36 %p does not get in', async (credentials) => {
    const [user, pass] = credentials.split(':');
    await expect(
      connect({ servers: nats.url, user: user as string, pass: pass as string, reconnect: false }),
    ).rejects.toThrow(/authorization/i);
  });
});

/**
 * Says each line to the server on a bare connection and returns the subjects that it did not refuse. Subjects go in small
 * portions: the server keeps only so much for a client that has not answered.
 */
async function allowed(url: string, subjects: string[], line: (subject: string, index: number) => string) {
  const { hostname, port, username, password } = new URL(url);
  const socket = connectSocket(Number(port), hostname).setEncoding('utf8');
  let heard = '';
  socket.on('data', (text: string) => {
    heard += text;
  });
  const settled = (pongs: number) => waitFor(() => heard.split('PONG').length > pongs, { what: 'PONG' });
  socket.write(
    `CONNECT ${JSON.stringify({ verbose: false, user: username, pass: password, headers: true })}\r\nPING\r\n`,
  );
  await settled(1);
  for (const [index, subject] of subjects.entries()) {
    socket.write(`${line(subject, index)}${line(subject, index).startsWith('PUB') ? '\r\n' : ''}PING\r\n`);
    if (index % 50 === 49) await settled(index + 2);
  }
  await settled(subjects.length + 1);
  socket.destroy();
  return subjects.filter((subject) => !isRefused(heard, subject));
}

function isRefused(heard: string, line: string): boolean {
  const [subject, queue] = line.split(' ');
  const refusals = heard
    .split('\r\n')
    .filter((answer) => /^-ERR 'Permissions Violation for (Publish|Subscription) to/i.test(answer));
  return refusals.some((answer) => {
    const [, named, group] = /to "([^"]+)"(?: using queue "([^"]+)")?/i.exec(answer) ?? [];
    return named === subject && group === queue;
  });
}

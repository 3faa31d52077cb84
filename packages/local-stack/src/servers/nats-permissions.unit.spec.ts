import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { events } from '@bellhop/contracts/events';
import { isInbound, streams } from '@bellhop/contracts/streams';
import { describe, expect, it } from '@jest/globals';

const FOLDER = fileURLToPath(new URL('../../../../deploy/nats/', import.meta.url));
const read = (file: string) => readFileSync(`${FOLDER}${file}`, 'utf8').replace(/^\s*#.*$/gm, '');

interface Rights {
  publish: string[];
  subscribe: string[];
}

/** Every user of a file with both lists, word for word. */
function rightsIn(file: string): Record<string, Rights> {
  const blocks = read(file)
    .split(/\buser:\s*/)
    .slice(1);
  const list = (block: string, key: string) => {
    const [, inside = ''] = new RegExp(`\\b${key}:\\s*\\[([^\\]]*)\\]`).exec(block) ?? [];
    return [...inside.matchAll(/"([^"]+)"/g)].map(([, subject]) => subject as string).sort();
  };
  return Object.fromEntries(
    blocks.map((block) => [
      /^[\w-]+/.exec(block)?.[0] ?? '',
      { publish: list(block, 'publish'), subscribe: list(block, 'subscribe') },
    ]),
  );
}

const reading = (stream: string, service: string) => [
  `$JS.API.CONSUMER.INFO.${stream}.${service}`,
  `$JS.API.CONSUMER.MSG.NEXT.${stream}.${service}`,
  `$JS.ACK.${stream}.${service}.>`,
];
/** The same by the owner, who may see all consumers of the stream. */
const readingOwn = (stream: string, service: string) => reading(stream, service).slice(1);
const owning = (stream: string) => [
  ...['LIST.', 'INFO.', 'DELETE.', 'CREATE.', 'DURABLE.CREATE.'].map(
    (verb) => `$JS.API.CONSUMER.${verb}${stream}${verb === 'LIST.' ? '' : '.*'}`,
  ),
  `$JS.API.CONSUMER.CREATE.${stream}.*.>`,
];
const info = (...names: string[]) => names.map((stream) => `$JS.API.STREAM.INFO.${stream}`);
const look = (...names: string[]) => names.map((stream) => `$JS.API.STREAM.MSG.GET.${stream}`);

/** What `notifications` may on the stream of an outside system. */
const furtherInbound = (stream: string) => [
  ...['STREAM.INFO', 'STREAM.PURGE', 'CONSUMER.LIST'].map((verb) => `$JS.API.${verb}.${stream}`),
  ...['INFO', 'DELETE', 'CREATE'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
  ...readingOwn(stream, 'notifications'),
];

/** The table of rights. A right that is not here must not be in the files, whatever its name. */
const TABLE: Record<string, Rights> = {
  tickets: {
    publish: [
      'tickets.v1.*',
      'dead_letters.tickets.*.*',
      'guest_auth.rpc.v1.room_for_code',
      'guest_auth.rpc.v1.open_challenge',
      'guest_auth.rpc.v1.session',
      'tickets.hints.v1',
      ...info('TICKETS', 'GUESTS', 'ERASURES'),
      ...look('TICKETS', 'ERASURES'),
      ...reading('GUESTS', 'tickets'),
      ...owning('TICKETS'),
    ],
    subscribe: [
      '_INBOX_tickets.>',
      'tickets.hints.v1',
      ...['find_for_guest', 'erasure'].map((name) => `tickets.rpc.v1.${name} tickets`),
    ],
  },
  notifications: {
    publish: [
      'notifications.v1.*',
      'erasures.v1.requested',
      'dead_letters.notifications.*.*',
      'guest_auth.rpc.v1.issue_links',
      'guest_auth.rpc.v1.session',
      'guest_auth.rpc.v1.erasure',
      'tickets.rpc.v1.erasure',
      'notifications.feed.v1',
      ...info('TICKETS', 'INBOUND', 'NOTIFICATIONS', 'DEAD_LETTERS', 'ERASURES'),
      ...look('NOTIFICATIONS', 'DEAD_LETTERS', 'ERASURES'),
      '$JS.API.CONSUMER.LIST.ERASURES',
      ...reading('TICKETS', 'notifications'),
      ...readingOwn('INBOUND', 'notifications'),
      ...owning('INBOUND'),
      '$JS.API.STREAM.PURGE.INBOUND',
      ...[2, 3, 4, 5].flatMap((n) => furtherInbound(`INBOUND_${n}`)),
      ...owning('NOTIFICATIONS'),
    ],
    subscribe: [
      '_INBOX_notifications.>',
      'notifications.feed.v1',
      'notifications.rpc.v1.send_code notifications',
      'notifications.rpc.v1.send_link notifications',
    ],
  },
  'guest-auth': {
    publish: [
      'guests.v1.*',
      'dead_letters.guest-auth.*.*',
      'notifications.rpc.v1.send_code',
      'notifications.rpc.v1.send_link',
      'tickets.rpc.v1.find_for_guest',
      ...info('GUESTS', 'TICKETS', 'ERASURES'),
      ...look('GUESTS', 'ERASURES'),
      ...reading('TICKETS', 'guest-auth'),
      ...owning('GUESTS'),
    ],
    subscribe: [
      '_INBOX_guest-auth.>',
      ...['issue_links', 'room_for_code', 'open_challenge', 'session', 'erasure'].map(
        (name) => `guest_auth.rpc.v1.${name} guest-auth`,
      ),
    ],
  },
  provisioner: {
    publish: [
      ...['CREATE', 'UPDATE', 'INFO'].map((verb) => `$JS.API.STREAM.${verb}.*`),
      '$JS.API.CONSUMER.CREATE.*.*',
      '$JS.API.CONSUMER.CREATE.*.*.>',
      '$JS.API.CONSUMER.DURABLE.CREATE.*.*',
      '$JS.API.CONSUMER.INFO.*.*',
    ],
    subscribe: ['_INBOX_provisioner.>'],
  },
  operator: {
    publish: [...info('DEAD_LETTERS', 'NOTIFICATIONS'), ...look('DEAD_LETTERS', 'NOTIFICATIONS')],
    subscribe: ['_INBOX_operator.>'],
  },
};

const sorted = ({ publish, subscribe }: Rights): Rights => ({
  publish: [...publish].sort(),
  subscribe: [...subscribe].sort(),
});

const SYSTEMS = readdirSync(`${FOLDER}systems`).map((file) => file.replace('.conf', ''));
/** The first word of the subjects that a system's events have in BELLHOP: it tells the stream. */
const inboundOf = (system: string) => /account: BELLHOP, subject: "(\w+)\./.exec(read(`systems/${system}.conf`))?.[1];

describe('S36 the lists of rights in deploy/nats', () => {
  it('S36 are those of the table, word for word', () => {
    const expected = Object.entries(TABLE).map(([user, rights]) => [user, sorted(rights)]);
    expect(rightsIn('bellhop.conf')).toEqual(Object.fromEntries(expected));
  });

  it('S39 give no two outside systems one stream, and each one that there is', () => {
    const theirs = SYSTEMS.map(inboundOf);
    expect(new Set(theirs).size).toBe(theirs.length);
    const known = Object.values(streams).filter(({ name }) => isInbound(name));
    expect(known.map(({ name }) => name.toLowerCase())).toEqual(expect.arrayContaining(theirs));
  });

  it.each(SYSTEMS)('S36 %s publishes ticket events, each by its name, and has limits', (system) => {
    const names = Object.keys(events).filter((type) => type.startsWith('ticket.'));
    const publish = names.map((type) => `inbound.${system}.tickets.v1.${type.split('.')[1]}`).sort();
    expect(rightsIn(`systems/${system}.conf`)).toEqual({ [system]: { publish, subscribe: ['_INBOX.>'] } });
    expect(read(`systems/${system}.conf`)).toMatch(
      /limits \{ max_connections: \d+, max_subscriptions: \d+, max_payload: 512KB \}/,
    );
    const subject = `${inboundOf(system)}.${system}.tickets.v1.*`;
    expect(read(`systems/${system}.conf`)).toContain(`subject: "${subject}" }, to: "inbound.${system}.tickets.v1.*" }`);
    expect(read('bellhop.conf')).toContain(`{ service: "${subject}", accounts: [${system.toUpperCase()}] }`);
  });
});

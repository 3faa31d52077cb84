import { publisherOf } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { SmtpSink, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { connect, headers } from '@nats-io/transport-node';
import { Notifier } from './notifier.js';

let sink: SmtpSink;
let notifier: Notifier;

beforeAll(async () => {
  sink = await SmtpSink.start();
  notifier = await Notifier.start({ emailUrl: sink.url });
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await sink?.close();
});

let count = 0;
const good = () => {
  count += 1;
  return buildEvent('ticket.resolved.v1', {
    requester: { kind: 'guest', email: `good-${count}@example.com` },
    ticket: { id: `G-${count}`, url: `https://crm.example.com/t/${count}` },
  });
};
const at = (url: string) => buildEvent('ticket.replied.v1', { ticket: { url } });
const hours = (count: number) => new Date(Date.now() + count * 3_600_000).toISOString();

const SUBJECT = 'inbound.crm.tickets.v1.replied';
const CRM_URL = 'https://crm.example.com/t/1';

/** What is wrong · its subject · its bytes · the reason of its dead letter · what the detail must contain. */
const BAD: [string, string, string | Uint8Array, string, RegExp][] = [
  ['no JSON', SUBJECT, '{"specversion":"1.0",', 'invalid_json', /JSON/],
  ['not UTF-8', SUBJECT, Uint8Array.of(0xff, 0xfe, 0x00), 'invalid_json', /JSON|UTF-8/],
  ['an array', SUBJECT, '[]', 'invalid_event', /object/],
  ['no data', SUBJECT, JSON.stringify({ ...at(CRM_URL), data: undefined }), 'invalid_event', /data/],
  [
    'an invalid ticket number',
    SUBJECT,
    JSON.stringify(buildEvent('ticket.replied.v1', { ticket: { number: '#1', url: CRM_URL } })),
    'invalid_event',
    /data\.ticket\.number/,
  ],
  [
    'two addresses in one',
    SUBJECT,
    JSON.stringify(
      buildEvent('ticket.replied.v1', {
        requester: { kind: 'guest', email: 'a@example.com,b@example.com' },
        ticket: { url: CRM_URL },
      }),
    ),
    'invalid_event',
    /data\.requester\.email/,
  ],
  [
    'no url',
    SUBJECT,
    JSON.stringify(buildEvent('ticket.replied.v1', { ticket: { url: undefined } })),
    'invalid_event',
    /data\.ticket\.url/,
  ],
  [
    'another type than its subject',
    SUBJECT,
    JSON.stringify(buildEvent('ticket.resolved.v1', { ticket: { url: CRM_URL } })),
    'subject_mismatch',
    /ticket\.replied\.v1/,
  ],
  [
    'a subject of no event',
    'inbound.crm.tickets.v1.sneezed',
    JSON.stringify(at(CRM_URL)),
    'subject_mismatch',
    /sneezed/,
  ],
  [
    'our own name as the system',
    'inbound.bellhop.tickets.v1.replied',
    JSON.stringify(at(CRM_URL)),
    'subject_mismatch',
    /inbound\.bellhop/,
  ],
  ['a clock that is an hour ahead', SUBJECT, JSON.stringify({ ...at(CRM_URL), time: hours(1) }), 'clock_skew', /clock/],
  ['an event of last week', SUBJECT, JSON.stringify({ ...at(CRM_URL), time: hours(-100) }), 'too_old', /100 h/],
  [
    'data in base64',
    SUBJECT,
    JSON.stringify({ ...at(CRM_URL), data: undefined, data_base64: 'e30=' }),
    'invalid_event',
    /data_base64/,
  ],
  [
    'more than 256 KiB',
    SUBJECT,
    JSON.stringify({ ...at(CRM_URL), padding: 'x'.repeat(300_000) }),
    'too_large',
    /262144|256 KiB/,
  ],
  [
    'a foreign url',
    SUBJECT,
    JSON.stringify(at('https://evil.example.com/t/1')),
    'url_not_allowed',
    /https:\/\/crm\.example\.com\//,
  ],
  [
    'the host as a user name',
    SUBJECT,
    JSON.stringify(at('https://crm.example.com@evil.example.com/t/1')),
    'invalid_event',
    /data\.ticket\.url/,
  ],
  [
    'the host as a prefix',
    SUBJECT,
    JSON.stringify(at('https://crm.example.com.evil.example.com/')),
    'url_not_allowed',
    /crm/,
  ],
  [
    'a way out of the configured folder',
    'inbound.erp.tickets.v1.replied',
    JSON.stringify(at('https://erp.example.com/help/..%2fadmin')),
    'url_not_allowed',
    /erp/,
  ],
  [
    'plain http where https is configured',
    SUBJECT,
    JSON.stringify(at('http://crm.example.com/t/1')),
    'url_not_allowed',
    /crm/,
  ],
  [
    'an address above the configured folder',
    'inbound.erp.tickets.v1.replied',
    JSON.stringify(at('https://erp.example.com/other')),
    'url_not_allowed',
    /erp\.example\.com\/help\//,
  ],
  [
    'a system that is not configured',
    'inbound.stranger.tickets.v1.replied',
    JSON.stringify(at(CRM_URL)),
    'url_not_allowed',
    /INBOUND_SYSTEMS/,
  ],
];

/** How many bytes of an event that is too large are stored. No other one here is as large. */
const KEPT_BYTES = 64 * 1024;

interface DeadLetter {
  subject: string;
  header(name: string): string;
  data: Uint8Array;
}

async function deadLetters(): Promise<DeadLetter[]> {
  const connection = await connect({ servers: notifier.nats.urlFor('tickets') });
  try {
    const consumer = await jetstream(connection).consumers.get('DEAD_LETTERS');
    const { num_pending: pending } = await consumer.info();
    const letters: DeadLetter[] = [];
    for (let left = pending; left > 0; left -= 1) {
      const message = await consumer.next({ expires: 2_000 });
      if (!message) break;
      letters.push({
        subject: message.subject,
        header: (name) => message.headers?.get(name) ?? '',
        data: message.data,
      });
    }
    return letters;
  } finally {
    await connection.close();
  }
}

describe('unusable events among usable ones', () => {
  let letters: DeadLetter[];
  const recipients: string[] = [];

  beforeAll(async () => {
    for (const [, subject, data] of BAD) {
      const event = good();
      recipients.push(`good-${count}@example.com`);
      await Promise.all([notifier.publishRaw(subject, data), notifier.publish([event], 'crm')]);
    }
    letters = await waitFor(async () => {
      const found = await deadLetters();
      return found.length >= BAD.length && found;
    });
    await waitFor(() => recipients.every((address) => sink.to(address).length > 0), {
      what: 'the good ones to arrive',
    });
  });

  it('do not stop the usable ones, which arrive once each', () => {
    for (const address of recipients) expect(sink.to(address)).toHaveLength(1);
  });

  it('all become dead letters, and nothing else does', () => {
    expect(letters).toHaveLength(BAD.length);
  });

  it.each(BAD)(
    '%s becomes a dead letter with its reason, a detail for its publisher, and its bytes',
    (_, subject, data, reason, detail) => {
      const original = Buffer.from(data);
      const letter = letters.find(({ header, data: bytes }) => {
        const kept = Buffer.from(bytes);
        return header('Bellhop-Subject') === subject && original.subarray(0, KEPT_BYTES).equals(kept);
      });
      expect(letter).toBeDefined();
      expect(letter?.subject).toBe(`dead_letters.notifications.${publisherOf(subject)}.${reason}`);
      expect(letter?.header('Bellhop-Reason')).toBe(reason);
      expect(letter?.header('Bellhop-Detail')).toMatch(detail);
      expect(letter?.header('Bellhop-Stream')).toBe('INBOUND');
      expect(Number(letter?.header('Bellhop-Sequence'))).toBeGreaterThan(0);
      expect(Number.isNaN(Date.parse(letter?.header('Bellhop-Time') ?? ''))).toBe(false);
      if (reason === 'too_large') {
        expect(letter?.data.length).toBe(KEPT_BYTES);
        expect(letter?.header('Bellhop-Truncated')).toBe(String(original.length));
      } else {
        expect(Buffer.from(letter?.data ?? []).equals(original)).toBe(true);
      }
    },
  );

  it('make a dead letter when an id is reused for another fact, and none when the same fact is repeated', async () => {
    const first = good();
    const second = { ...good(), id: first.id };
    await notifier.publish([first], 'crm');
    await waitFor(() => sink.to(`good-${count - 1}@example.com`).length > 0, { what: 'the first fact to arrive' });
    const again = { ...first, time: new Date().toISOString() };
    await notifier.publish([again, second], 'crm');
    const found = await waitFor(async () => {
      const all = await deadLetters();
      return all.length > BAD.length && all;
    });
    expect(found).toHaveLength(BAD.length + 1);
    expect(found.at(-1)?.header('Bellhop-Reason')).toBe('id_reused');
    expect(JSON.parse(Buffer.from(found.at(-1)?.data ?? []).toString()).data).toEqual(second.data);
    expect(sink.to(`good-${count - 1}@example.com`)).toHaveLength(1);
  });

  it('leave one log line each, without their content', () => {
    const lines = notifier.logLines().filter((line) => line.includes('dead letter'));
    expect(lines).toHaveLength(BAD.length + 1);
    expect(lines.join()).not.toMatch(/\b[ab]@example\.com|evil\.example/);
  });
});

describe('usable events in unusual forms', () => {
  it('arrive in binary mode, with a POSIX language tag, and with attributes that CloudEvents allows', async () => {
    const { data, id, type, time } = good();
    const requester = { ...data.requester, locale: 'pl_PL.UTF-8' };
    const link = await connect({ servers: notifier.nats.urlFor('tickets') });
    try {
      const published = headers();
      const attributes = { specversion: '1.0', id, source: 'urn%3Aexample%3Acrm', type, time: time.toLowerCase() };
      for (const [name, value] of Object.entries(attributes)) published.set(`ce-${name}`, value);
      published.set('Content-Type', 'application/json; charset=utf-8');
      const body = JSON.stringify({ ...data, requester });
      await link.request('inbound.crm.tickets.v1.resolved', body, { headers: published, timeout: 5_000 });
    } finally {
      await link.close();
    }
    const [mail] = await waitFor(() => {
      const mails = sink.to(`good-${count}@example.com`);
      return mails.length > 0 && mails;
    });
    expect(mail?.raw.toString()).toMatch(/^Content-Language: pl/im);
  });
});

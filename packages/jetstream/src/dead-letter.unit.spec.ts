import type { DeadLetterReason } from '@bellhop/contracts/streams';
import { describe, expect, it } from '@jest/globals';
import { type Msg, headers as newHeaders } from '@nats-io/nats-core';
import { deadLetterOf } from './dead-letter.js';
import { Delivery } from './delivery.js';

const STORED_AT = new Date('2026-11-22T10:15:30.123Z');
const REPLY = `$JS.ACK.INBOUND.notifications.3.41.57.${STORED_AT.getTime()}000000.0`;

function deliver(data: Uint8Array, headers: Record<string, string> = {}): Delivery {
  const encoded = newHeaders();
  for (const [name, value] of Object.entries(headers)) encoded.append(name, value);
  return new Delivery({ subject: 'inbound.crm.tickets.v1.replied', reply: REPLY, data, headers: encoded } as Msg);
}

function letterOf(
  delivery: Delivery,
  reason: DeadLetterReason = 'invalid_event',
  detail = 'why',
  maxPayloadBytes = 1_048_576,
) {
  return deadLetterOf({ service: 'notifications', delivery, reason, detail, maxPayloadBytes });
}

describe('deadLetterOf', () => {
  it('keeps the bytes and the headers, and says why and from where', () => {
    const data = new TextEncoder().encode('{"a":1}');
    expect(letterOf(deliver(data, { traceparent: 'abc' }))).toEqual({
      subject: 'dead_letters.notifications.crm.invalid_event',
      id: 'INBOUND:41',
      data,
      headers: {
        traceparent: ['abc'],
        'Bellhop-Reason': 'invalid_event',
        'Bellhop-Detail': 'why',
        'Bellhop-Stream': 'INBOUND',
        'Bellhop-Sequence': '41',
        'Bellhop-Subject': 'inbound.crm.tickets.v1.replied',
        'Bellhop-Time': '2026-11-22T10:15:30.123Z',
      },
    });
  });

  it("S12 leaves out a publisher's control headers, in any case", () => {
    const letter = letterOf(
      deliver(new Uint8Array(1), {
        'Nats-Msg-Id': 'x',
        'nats-rollup': 'all',
        'NATS-Expected-Stream': 'x',
        'bellhop-reason': 'x',
        'BELLHOP-Truncated': '1',
        harmless: 'yes',
      }),
    );
    const names = Object.keys(letter.headers ?? {}).filter((name) => !name.startsWith('Bellhop-'));
    expect(names).toEqual(['harmless']);
    expect(letter.headers?.['Bellhop-Truncated']).toBeUndefined();
  });

  it('keeps 64 KiB of an event that is too large, and its true size', () => {
    const letter = letterOf(deliver(new Uint8Array(300_000).fill(7)), 'too_large');
    expect(letter.data).toEqual(new Uint8Array(65_536).fill(7));
    expect(letter.headers?.['Bellhop-Truncated']).toBe('300000');
  });

  it('cuts a body that with the headers would be more than the server takes', () => {
    const letter = letterOf(deliver(new Uint8Array(10_000)), 'invalid_json', 'why', 10_000);
    expect(letter.data.length).toBeLessThan(10_000);
    expect(letter.data.length).toBeGreaterThan(9_000);
    expect(letter.headers?.['Bellhop-Truncated']).toBe('10000');
  });

  it('drops headers that would crowd out the body, and says so', () => {
    const letter = letterOf(deliver(new Uint8Array(10), { long: 'x'.repeat(20_000) }));
    expect(letter.headers?.long).toBeUndefined();
    expect(letter.headers?.['Bellhop-Detail']).toBe('why (its own headers, 20008 bytes, are left out)');
  });

  it('makes one short line of the detail, so that it cannot forge a header', () => {
    const letter = letterOf(
      deliver(new Uint8Array(1)),
      'invalid_event',
      `a\r\nBellhop-Reason: forged\u0000${'x'.repeat(2_000)}`,
    );
    const detail = letter.headers?.['Bellhop-Detail'] as string;
    expect(detail).toMatch(/^a Bellhop-Reason: forged x+…$/);
    expect(detail.length).toBe(1_000);
  });
});

describe('Delivery', () => {
  const position = { stream: 'INBOUND', deliveryCount: 3, sequence: 41, storedAt: STORED_AT };

  it('reads its position from either form of the reply subject', () => {
    expect(deliver(new Uint8Array(1)).position).toEqual(position);
    const reply = REPLY.replace('$JS.ACK.', '$JS.ACK.hub.AbCdEf.').concat('.random');
    expect(new Delivery({ subject: 's', reply, data: new Uint8Array(1) } as Msg).position).toEqual(position);
  });

  it('refuses a message that JetStream did not deliver', () => {
    expect(() => new Delivery({ subject: 's', data: new Uint8Array() } as Msg)).toThrow('without a JetStream reply');
  });

  it('is settled once: what comes after is not sent', () => {
    const sent: string[] = [];
    const respond = (payload?: Uint8Array | string) => sent.push(Buffer.from(payload as Uint8Array).toString()) > 0;
    const delivery = new Delivery({ subject: 's', reply: REPLY, data: new Uint8Array(), respond } as unknown as Msg);
    delivery.working();
    delivery.nak(1_500);
    delivery.ack();
    delivery.term();
    delivery.working();
    expect(sent).toEqual(['+WPI', '-NAK {"delay":1500000000}']);
  });
});

// Publishes one ticket event with the NATS client for Node.
// Usage: [NATS_URL=nats://crm:password@host:4222] node publish.mjs [e-mail address] [ticket number]
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from '@nats-io/transport-node';

const [email = 'jana@example.com', number = '7K4M2Q'] = process.argv.slice(2);
const up = new URL('../../.bellhop/up.json', import.meta.url);
const url = new URL(process.env.NATS_URL ?? JSON.parse(readFileSync(up)).nats);

const ticket = { id: `crm-${number}`, number, status: 'open', category: 'trading', priority: 'normal' };
const event = {
  specversion: '1.0',
  id: randomUUID(),
  source: 'urn:example:crm',
  type: 'ticket.replied.v1',
  time: new Date().toISOString(),
  data: {
    ticket: { ...ticket, version: Math.floor(Date.now() / 1000), url: `https://crm.example.com/t/${number}` },
    requester: { kind: 'guest', email, locale: 'pl' },
    actor: { kind: 'agent', id: 'agent-7' },
    message: { id: 'm-1' },
  },
};

const [user, pass] = [url.username, url.password].map(decodeURIComponent);
// The client encrypts where the server asks for it; with tls:// it insists.
const tls = url.protocol === 'tls:' ? {} : undefined;
const connection = await connect({ servers: url.host, user, pass, tls });
// The answer to this request is the stream's acknowledgement: only then is the event safe.
const subject = 'inbound.crm.tickets.v1.replied';
const answer = (await connection.request(subject, JSON.stringify(event), { timeout: 5000 })).json();
await connection.close();
if (answer.error) throw new Error(`refused: ${answer.error.description}`);
console.log('stored:', JSON.stringify(answer));

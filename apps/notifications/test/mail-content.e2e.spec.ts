import { request } from 'node:http';
import { events, type TicketEvent, type TicketEventType } from '@bellhop/contracts/events';
import { buildEvent } from '@bellhop/contracts/testing';
import { type OidcProvider, SmtpSink, startOidc, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type DefaultTreeAdapterTypes, parse } from 'parse5';
import { Notifier } from './notifier.js';
import { readMail } from './read-mail.js';

let sink: SmtpSink;
let oidc: OidcProvider;
let notifier: Notifier;

beforeAll(async () => {
  [sink, oidc] = await Promise.all([SmtpSink.start(), startOidc()]);
  const env = { OIDC_ISSUER: oidc.issuer, OIDC_AUDIENCE: oidc.audience };
  notifier = await Notifier.start({ emailUrl: sink.url, env });
  await notifier.untilReady();
});

afterAll(async () => {
  await notifier?.stop();
  await Promise.all([sink?.close(), oidc?.stop()]);
});

const untilTold = async () => {
  await notifier.untilConsumed('INBOUND');
  await notifier.untilConsumed('TICKETS');
  await notifier.untilSettled();
};
const rawTo = (address: string) => waitFor(() => sink.to(address)[0]?.raw, { what: `a mail to ${address}` });
const mailTo = async (address: string) => readMail(await rawTo(address));

describe('S3 what a stranger writes into an event', () => {
  /** Short enough for a language tag, and without anything that an encoding would change. */
  const CANARY = 'canary3f';
  /** Who gets a mail about each type. A type that is missing here fails to compile. */
  const HEARD_BY: Record<TicketEventType, ('requester' | 'assignee')[]> = {
    'ticket.created.v1': ['requester'],
    'ticket.replied.v1': ['requester'],
    'ticket.information_requested.v1': ['requester'],
    'ticket.resolved.v1': ['requester'],
    'ticket.reopened.v1': ['assignee'],
    'ticket.closed.v1': [],
    'ticket.customer_replied.v1': ['assignee'],
    'ticket.assigned.v1': ['assignee'],
    'ticket.promise_changed.v1': [],
    'ticket.promise_at_risk.v1': ['assignee'],
    'ticket.promise_missed.v1': ['requester', 'assignee'],
    'ticket.seen.v1': [],
  };
  const types = Object.keys(HEARD_BY) as TicketEventType[];

  /** The canary is in every field except number, link and address, and in unknown fields. */
  function spoiled(type: TicketEventType, requester: { kind: string; email: string }, url?: string): TicketEvent {
    const unasked = { text: `<b>${CANARY}</b>`, name: CANARY, subjectLine: CANARY, displayName: CANARY, html: CANARY };
    const event = buildEvent(
      type,
      {
        requester: { ...requester, locale: `en-${CANARY}`, ...unasked },
        actor: { kind: 'agent', id: `actor-${CANARY}`, ...unasked },
        assignee: {
          kind: 'user',
          id: `assignee-${CANARY}`,
          email: `assignee-${requester.email}`,
          locale: `en-${CANARY}`,
          ...unasked,
        },
        ticket: {
          id: `${requester.kind}-${type}-${CANARY}`,
          number: 'S3',
          category: CANARY,
          version: 2,
          url,
          ...unasked,
        },
        ...(/replied|requested/.test(type) && { message: { id: `message-${CANARY}`, ...unasked } }),
        ...unasked,
      } as object,
      { id: `${type}-${requester.email}-${CANARY}`, source: `urn:${CANARY}`, subject: CANARY, ...unasked } as object,
    );
    return event as TicketEvent;
  }

  it.each([
    ['of an account of another system', 'user', 'crm'],
    ['of a guest of another system', 'guest', 'crm'],
    ['of an account of ours', 'user', undefined],
  ] as const)('appears in no part of any mail, but for number, link and address: %s', async (_, kind, system) => {
    const addressOf = (type: TicketEventType) => `${type.replaceAll('.', '-')}-${kind}-${system ?? 'own'}@example.com`;
    const spoiledEvents = types.map((type) => {
      const person = { kind, ...(kind === 'user' && { id: `user-${CANARY}` }), email: addressOf(type) };
      return spoiled(type, person, system && 'https://crm.example.com/t/S3');
    });
    // Nothing may be refused: a canary in a dead letter would prove nothing about mails.
    for (const event of spoiledEvents) expect(events[event.type].safeParse(event).error).toBeUndefined();
    await notifier.publish(spoiledEvents, system);
    await untilTold();
    for (const type of types) {
      const told = { requester: addressOf(type), assignee: `assignee-${addressOf(type)}` };
      const hear = HEARD_BY[type].map((who) => told[who]);
      expect([type, ...Object.values(told).filter((address) => sink.to(address).length > 0)]).toEqual([type, ...hear]);
      for (const address of hear) expect(await traces(address, CANARY)).toEqual([]);
    }
  });

  /** Where a mail contains a word: in its decoded parts, or anywhere in its source. Our own links contain the ticket's id. */
  async function traces(address: string, word: string): Promise<string[]> {
    const raw = await rawTo(address);
    const { subject, text, html, headers } = await readMail(raw);
    expect([subject, text, html]).toEqual(Array.from({ length: 3 }, () => expect.stringContaining('S3')));
    const source = raw
      .toString('latin1')
      .replace(/=\r\n/g, '')
      .replace(/\r\n[ \t]/g, ' ');
    const places = [
      ['subject', subject],
      ['text', text],
      ['html', html],
      ['source', source],
      ...headers.map(({ key, value }) => [key, value]),
    ] as [string, string][];
    const withoutLink = (value: string) =>
      value.replaceAll(/https:\/\/support\.example\.test\/(desk\/)?tickets\/[\w.-]+/g, '');
    return places.filter(([, value]) => withoutLink(value).toLowerCase().includes(word)).map(([place]) => place);
  }
});

describe('S14 what a stranger writes into an event', () => {
  const ATTACKS = [
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "'onmouseover='alert(1)'",
    '&quot;&gt;&lt;img/src=x&gt;',
    '&#34;&#62;&#60;a/href=//evil.example&#62;',
    '%22%3E%3Cimg%20src=x%3E',
    'javascript:alert(1)',
    '</a><a href="https://evil.example">click</a>',
    '\u202Etxt.exe',
  ];
  const HOME = 'https://crm.example.com/';
  /** One event with an attack in one field each, for every field that takes a text. */
  const FIELDS: Record<string, (attack: string) => { ticket?: object; requester?: object; envelope?: object }> = {
    'the path of the link': (attack) => ({ ticket: { url: `${HOME}t/${attack}` } }),
    'the query of the link': (attack) => ({ ticket: { url: `${HOME}?q=${attack}` } }),
    'the fragment of the link': (attack) => ({ ticket: { url: `${HOME}t#${attack}` } }),
    'the link': (attack) => ({ ticket: { url: attack } }),
    'the number': (attack) => ({ ticket: { number: attack } }),
    'the category': (attack) => ({ ticket: { category: attack } }),
    'the ticket’s id': (attack) => ({ ticket: { id: attack } }),
    'the person’s id': (attack) => ({ requester: { id: attack } }),
    'the language': (attack) => ({ requester: { locale: attack } }),
    'the time zone': (attack) => ({ requester: { timezone: attack } }),
    'the event’s id': (attack) => ({ envelope: { id: attack } }),
    'its source': (attack) => ({ envelope: { source: attack } }),
    'its subject': (attack) => ({ envelope: { subject: attack } }),
    'a field that nobody asked for': (attack) => ({ envelope: { html: attack }, ticket: { title: attack } }),
  };

  it('adds no element, attribute or link to a mail, or makes no mail at all', async () => {
    const attempts = Object.entries(FIELDS).flatMap(([field, fill], row) =>
      ATTACKS.map((attack, column) => ({ field, attack, ...attempt(`s14-${row}-${column}`, fill(attack)) })),
    );
    const plain = attempt('s14-plain', {});
    const refusedBefore = await notifier.messagesIn('DEAD_LETTERS');
    await notifier.publish([plain.event, ...attempts.map(({ event }) => event)], 'crm');
    await untilTold();
    const expected = elementsOf((await mailTo(plain.address)).html);
    const told = attempts.filter(({ address }) => sink.to(address).length > 0);
    for (const { field, attack, address, url } of told) {
      const found = elementsOf((await mailTo(address)).html);
      const wanted = expected.map(({ name, attributes }) => ({
        name,
        attributes: { ...attributes, ...(attributes.href && { href: new URL(url).href }) },
      }));
      const normalised = found.map(({ name, attributes }) => ({
        name,
        attributes: { ...attributes, ...(attributes.href && { href: new URL(attributes.href).href }) },
      }));
      expect({ field, attack, elements: normalised }).toEqual({ field, attack, elements: wanted });
    }
    // Each event was mailed or refused, and both happened, so that the test proves both halves of its title.
    const refused = (await notifier.messagesIn('DEAD_LETTERS')) - refusedBefore;
    expect(told.length + refused).toBe(attempts.length);
    expect(told.filter(({ field }) => field.includes('link')).length).toBeGreaterThanOrEqual(12);
    expect(refused).toBeGreaterThan(50);
  });

  function attempt(name: string, over: { ticket?: object; requester?: object; envelope?: object }) {
    const address = `${name}@example.com`;
    const event = buildEvent('ticket.resolved.v1', {
      requester: { kind: 'user', id: name, email: address, locale: 'en', ...over.requester },
      ticket: { id: name, number: 'S14', version: 2, url: `${HOME}t/S14`, ...over.ticket },
    });
    return { address, url: event.data.ticket.url as string, event: { ...event, ...over.envelope } as TicketEvent };
  }

  /** All elements as a browser sees them. */
  function elementsOf(html: string): { name: string; attributes: Record<string, string> }[] {
    const walk = (node: DefaultTreeAdapterTypes.Node): ReturnType<typeof elementsOf> => [
      ...('tagName' in node
        ? [{ name: node.tagName, attributes: Object.fromEntries(node.attrs.map(({ name, value }) => [name, value])) }]
        : []),
      ...('childNodes' in node ? node.childNodes.flatMap(walk) : []),
    ];
    return walk(parse(html));
  }
});

describe('S15 the links of a mail', () => {
  it('come from PUBLIC_URL and the configured systems only, whatever a request or an event says', async () => {
    const evil = 'evil.example.com';
    const hostile = {
      host: evil,
      'x-forwarded-host': evil,
      'x-forwarded-proto': 'http',
      'x-original-url': `https://${evil}/`,
      forwarded: `host=${evil};proto=http`,
      origin: `https://${evil}`,
      referer: `https://${evil}/`,
    };
    const token = await oidc.token('ops@example.com');
    const routes = ['/healthz', '/readyz', '/ops/explanations/none', '/nowhere'];
    const ask = () =>
      Promise.all(routes.map((route) => answerOf(route, { ...hostile, authorization: `Bearer ${token}` })));
    const answers = await ask();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404, 404]);

    const own = buildEvent('ticket.replied.v1', {
      requester: { kind: 'user', id: 's15', email: 's15-own@example.com' },
      assignee: { kind: 'user', id: 's15-agent', email: 's15-agent@example.com' },
      ticket: { id: 'T-15', number: 'S15', version: 2, url: `https://${evil}/` },
    });
    const forAgent = buildEvent('ticket.reopened.v1', { ...own.data, ticket: { ...own.data.ticket, version: 3 } });
    const theirs = (url: string, email: string) =>
      buildEvent('ticket.replied.v1', {
        requester: { kind: 'user', id: email.split('@')[0] as string, email },
        ticket: { id: email.split('@')[0] as string, number: 'S15', version: 2, url },
      });
    const elsewhere = [
      `https://${evil}/`,
      `https://crm.example.com.${evil}/`,
      'https://erp.example.com/help/1',
      'http://crm.example.com/t/1',
    ].map((url, index) => theirs(url, `s15-refused-${index}@example.com`));
    await notifier.publish([own, forAgent]);
    await notifier.publish([theirs('https://crm.example.com/t/S15', 's15-crm@example.com'), ...elsewhere], 'crm');
    const [, againAnswers] = await Promise.all([untilTold(), ask()]);
    for (const { text } of [...answers, ...againAnswers]) expect(text).not.toContain(evil);

    expect(await hostsIn('s15-own@example.com')).toEqual(['support.example.test']);
    expect(await hostsIn('s15-agent@example.com')).toEqual(['support.example.test']);
    expect(await hostsIn('s15-crm@example.com')).toEqual(['crm.example.com']);
    expect(sink.mails.filter(({ to }) => to.some((address) => address.startsWith('s15-refused')))).toEqual([]);
  });

  async function hostsIn(address: string): Promise<string[]> {
    const { html, text } = await mailTo(address);
    const hosts = [...`${html} ${text}`.matchAll(/https?:\/\/([^/"'\s<>]+)/g)].map(([, host]) => String(host));
    return [...new Set(hosts.filter((host) => !host.endsWith('w3.org')))];
  }

  /** fetch() does not allow another Host header. */
  function answerOf(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const asking = request(`${notifier.app.url}${path}`, { headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk);
        const text = JSON.stringify(response.headers) + Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, text });
      });
      asking.on('error', reject).end();
    });
  }
});

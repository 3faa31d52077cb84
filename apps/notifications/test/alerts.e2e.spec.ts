import { buildEvent } from '@bellhop/contracts/testing';
import { SmtpSink, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';
import { readMail } from './read-mail.js';

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

let people = 0;
const someone = (locale = 'pl') => {
  people += 1;
  return { kind: 'user' as const, id: `u-${people}`, email: `person-${people}@example.com`, locale };
};
const agent = { kind: 'user' as const, id: 'agent-7', email: 'agent-7@example.com' };
const ticket = (version: number) => ({ id: `T-${people}`, number: `N${people}`, version });
const crmTicket = (version: number) => ({ ...ticket(version), url: `https://crm.example.com/t/N${people}` });
const mailsTo = (address: string) => Promise.all(sink.to(address).map(({ raw }) => readMail(raw)));
const firstMailTo = (address: string) =>
  waitFor(async () => (await mailsTo(address))[0], { what: `a mail to ${address}` });

describe('an event of another system', () => {
  it('becomes one mail in the language of its recipient, with number, link, thread root and headers', async () => {
    const requester = someone();
    const event = buildEvent('ticket.replied.v1', { requester, ticket: crmTicket(2) });
    await notifier.publish([event], 'crm');
    const mail = await firstMailTo(requester.email);
    expect(mail.subject).toContain(`N${people}`);
    expect(mail.subject).toMatch(/zgłosze/i);
    expect(mail.html).toContain(`href="https://crm.example.com/t/N${people}"`);
    expect(mail.text).toContain(`https://crm.example.com/t/N${people}`);
    expect(mail.header('references')).toMatch(/^<ticket\.[0-9a-f]{32}@example\.test>$/);
    expect(mail.header('in-reply-to')).toBe(mail.header('references'));
    expect(mail.header('message-id')).toMatch(/^<[0-9a-f-]{36}@example\.test>$/);
    expect(mail.header('auto-submitted')).toBe('auto-generated');
    expect(mail.header('x-auto-response-suppress')).toBe('OOF, AutoReply');
    expect(mail.header('content-language')).toBe('pl');
    expect(mail.header('from')).toBe('Example Support <support@example.test>');
  });

  it('S33 ten times becomes one mail', async () => {
    const requester = someone();
    const event = buildEvent('ticket.resolved.v1', { requester, ticket: crmTicket(3) });
    await notifier.publish([event], 'crm');
    await firstMailTo(requester.email);
    // It was sent, so no digest is pending: only the inbox keeps the other nine from being sent as well.
    const again = await notifier.publish(
      Array.from({ length: 9 }, () => event),
      'crm',
    );
    expect(again.every((outcome) => outcome.ok && !outcome.isDuplicate)).toBe(true);
    await notifier.untilConsumed('INBOUND');
    await notifier.untilSettled();
    expect(await mailsTo(requester.email)).toHaveLength(1);
  });

  it('with version 5 before version 4 is sent once, and the decision says that the older one was overtaken', async () => {
    const requester = someone();
    const newer = buildEvent('ticket.replied.v1', { requester, ticket: crmTicket(5) });
    const older = buildEvent('ticket.replied.v1', { requester, ticket: crmTicket(4) });
    await notifier.publish([newer], 'crm');
    await notifier.decisions(newer.id);
    await notifier.publish([older], 'crm');
    expect(await notifier.decisions(older.id)).toEqual([expect.objectContaining({ reason: 'overtaken', state: null })]);
    await firstMailTo(requester.email);
    const late = buildEvent('ticket.information_requested.v1', { requester, ticket: crmTicket(4) });
    await notifier.publish([late], 'crm');
    expect(await notifier.decisions(late.id)).toEqual([expect.objectContaining({ reason: 'overtaken', state: null })]);
    expect(await mailsTo(requester.email)).toHaveLength(1);
  });

  it('gets a guest a mail that promises nothing about the link of that system', async () => {
    people += 1;
    const email = `guest-${people}@example.com`;
    const event = buildEvent('ticket.replied.v1', {
      requester: { kind: 'guest', email, locale: 'en' },
      ticket: crmTicket(2),
    });
    await notifier.publish([event], 'crm');
    const mail = await firstMailTo(email);
    expect(mail.text).toContain(`https://crm.example.com/t/N${people}`);
    expect(mail.text).not.toMatch(/one-time code/i);
  });

  it('never reaches our own shared mailbox, and its agents are those it names', async () => {
    const requester = someone();
    const created = buildEvent('ticket.created.v1', { requester, ticket: crmTicket(1) });
    const answered = buildEvent('ticket.customer_replied.v1', { requester, ticket: crmTicket(2), assignee: undefined });
    await notifier.publish([created, answered], 'crm');
    expect(await notifier.decisions(created.id)).toHaveLength(1);
    expect(await notifier.decisions(answered.id)).toEqual([{ recipient_key: '', reason: 'nobody_hears', state: null }]);
  });
});

describe('what happens to a ticket of ours', () => {
  it('filed: the receipt is sent at once, the team is notified after the digest window', async () => {
    const requester = someone();
    const created = buildEvent('ticket.created.v1', { requester, ticket: ticket(1), assignee: undefined });
    const startedAt = Date.now();
    await notifier.publish([created]);
    const receipt = await firstMailTo(requester.email);
    expect(Date.now() - startedAt).toBeLessThan(900);
    expect(receipt.html).toContain(`href="https://support.example.test/tickets/T-${people}"`);
    const forTeam = await firstMailTo('team@example.test');
    expect(forTeam.html).toContain(`href="https://support.example.test/desk/tickets/T-${people}"`);
  });

  it('a reply and a solution within the window are one mail, of the solution', async () => {
    const requester = someone('en');
    const reply = buildEvent('ticket.replied.v1', { requester, ticket: ticket(2) });
    const solution = buildEvent('ticket.resolved.v1', { requester, ticket: ticket(3) });
    await notifier.publish([reply]);
    await notifier.decisions(reply.id);
    await notifier.publish([solution]);
    const mail = await firstMailTo(requester.email);
    expect(mail.subject).toMatch(/solved/i);
    await notifier.untilSettled();
    expect(await mailsTo(requester.email)).toHaveLength(1);
    const [told] = await notifier.decisions(reply.id);
    expect(told).toMatchObject({ state: 'accepted', reason: null });
  });

  it('three answers of a customer are one mail to the agent, which counts them', async () => {
    const requester = someone();
    const assignee = { ...agent, email: `agent-${people}@example.com`, locale: 'en' };
    const answers = [2, 3, 4].map((version) =>
      buildEvent('ticket.customer_replied.v1', { requester, ticket: ticket(version), assignee }),
    );
    await notifier.publish(answers);
    const mail = await firstMailTo(assignee.email);
    expect(mail.text).toMatch(/\b3\b/);
    await notifier.untilSettled();
    expect(await mailsTo(assignee.email)).toHaveLength(1);
  });

  it('a question outranks a later reply until it is answered', async () => {
    const asked = someone('en');
    await notifier.publish([
      buildEvent('ticket.information_requested.v1', { requester: asked, ticket: ticket(2) }),
      buildEvent('ticket.replied.v1', { requester: asked, ticket: ticket(3) }),
    ]);
    const answered = someone('en');
    await notifier.publish([
      buildEvent('ticket.information_requested.v1', { requester: answered, ticket: ticket(2) }),
      buildEvent('ticket.customer_replied.v1', { requester: answered, ticket: ticket(3), assignee: agent }),
      buildEvent('ticket.replied.v1', { requester: answered, ticket: ticket(4) }),
    ]);
    expect((await firstMailTo(asked.email)).subject).toMatch(/information/i);
    expect((await firstMailTo(answered.email)).subject).not.toMatch(/information/i);
  });

  it('S34 the requester is not notified of what they have seen meanwhile', async () => {
    const requester = someone();
    const reply = buildEvent('ticket.replied.v1', { requester, ticket: ticket(2) });
    await notifier.publish([reply]);
    await notifier.decisions(reply.id);
    await notifier.publish([buildEvent('ticket.seen.v1', { requester, ticket: ticket(2) })]);
    await notifier.untilSettled();
    expect(await notifier.decisions(reply.id)).toEqual([expect.objectContaining({ reason: 'seen', state: 'skipped' })]);
    expect(await mailsTo(requester.email)).toHaveLength(0);
  });

  it('S34 a former requester gets no mail that is due after the change', async () => {
    const former = someone();
    const reply = buildEvent('ticket.replied.v1', { requester: former, ticket: ticket(2) });
    await notifier.publish([reply]);
    await notifier.decisions(reply.id);
    const present = { ...former, id: `${former.id}-b`, email: `b-${former.email}` };
    await notifier.publish([
      buildEvent('ticket.assigned.v1', { requester: present, ticket: ticket(3), assignee: agent }),
    ]);
    await notifier.untilSettled();
    expect(await notifier.decisions(reply.id)).toEqual([
      expect.objectContaining({ reason: 'requester_changed', state: 'skipped' }),
    ]);
    expect(await mailsTo(former.email)).toHaveLength(0);
  });

  it('an address that its server refuses permanently gets no further mail', async () => {
    const requester = someone();
    sink.when({ at: 'rcpt', to: requester.email, answer: '550 5.1.1 no such user', times: 1 });
    const first = buildEvent('ticket.resolved.v1', { requester, ticket: ticket(2) });
    await notifier.publish([first]);
    await waitFor(async () => (await notifier.decisions(first.id))[0]?.state === 'dead');
    const second = buildEvent('ticket.resolved.v1', { requester, ticket: ticket(3) });
    await notifier.publish([second]);
    await waitFor(async () => (await notifier.decisions(second.id))[0]?.state === 'skipped');
    expect((await notifier.decisions(first.id))[0]?.reason).toBe('address_refused');
    // A dead delivery is a warning in the log, with the words that an operator searches for.
    const lines = await waitFor(() => {
      const found = notifier.logLines().filter((line) => line.includes(`"event":"${first.id}"`));
      return found.length > 0 && found;
    });
    const { system, number } = { system: 'bellhop', ...first.data.ticket };
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({ level: 'warn', message: 'delivery', state: 'dead', system, ticket: number }),
    ]);
    expect(lines.join()).not.toContain(requester.email);
    expect((await notifier.decisions(second.id))[0]?.reason).toBe('address_suppressed');
    expect(await mailsTo(requester.email)).toHaveLength(0);
  });

  it('a mail server that says "later" gets the same mail again', async () => {
    const requester = someone();
    sink.when({ at: 'rcpt', to: requester.email, answer: '451 4.7.1 try again', times: 1 });
    await notifier.publish([buildEvent('ticket.resolved.v1', { requester, ticket: ticket(2) })]);
    await firstMailTo(requester.email);
    await notifier.untilSettled();
    expect(await mailsTo(requester.email)).toHaveLength(1);
  });

  it('a mail whose answer was lost is sent once more, the same bytes, and then given up', async () => {
    const requester = someone();
    sink.when({ at: 'dot', to: requester.email, answer: 'drop' });
    const event = buildEvent('ticket.resolved.v1', { requester, ticket: ticket(2) });
    await notifier.publish([event]);
    await waitFor(async () => (await notifier.decisions(event.id))[0]?.state === 'dead', { timeoutMs: 20_000 });
    expect((await notifier.decisions(event.id))[0]?.reason).toBe('no_answer');
    const [one, two, three] = sink.to(requester.email);
    expect(two?.raw.equals(one?.raw as Buffer)).toBe(true);
    expect(three).toBeUndefined();
  });
});

describe('the ceiling for one person', () => {
  it('S23 delays the eleventh mail about a ticket within ten minutes, and merges what follows', async () => {
    const requester = someone();
    for (let version = 2; version <= 11; version += 1) {
      await notifier.publish([buildEvent('ticket.resolved.v1', { requester, ticket: ticket(version) })]);
      await waitFor(() => sink.to(requester.email).length === version - 1);
    }
    const surplus = buildEvent('ticket.resolved.v1', { requester, ticket: ticket(12) });
    await notifier.publish([surplus]);
    await waitFor(async () => (await notifier.decisions(surplus.id))[0]?.reason === 'ceiling');
    const more = buildEvent('ticket.resolved.v1', { requester, ticket: ticket(13) });
    await notifier.publish([more]);
    await waitFor(async () => (await notifier.decisions(more.id))[0]?.reason === 'ceiling');
    expect(sink.to(requester.email)).toHaveLength(10);
    await notifier.database.query(
      `update deliveries set attempted_at = attempted_at - interval '11 minutes' where recipient_key = $1`,
      [`bellhop:user:${requester.id}`],
    );
    await notifier.database.query(`update deliveries set due_at = now() where reason = 'ceiling'`);
    await notifier.untilSettled();
    expect(sink.to(requester.email)).toHaveLength(11);
  });
});

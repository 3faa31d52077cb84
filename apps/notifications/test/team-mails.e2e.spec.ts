import { buildEvent } from '@bellhop/contracts/testing';
import { SmtpSink, waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Notifier } from './notifier.js';
import { readMail } from './read-mail.js';

const TEAM = 'team@example.test';

let sink: SmtpSink;
let notifier: Notifier;

beforeAll(async () => {
  sink = await SmtpSink.start();
  notifier = await Notifier.start({ emailUrl: sink.url });
  await notifier.untilReady();
});
beforeEach(() => notifier.database.query('truncate deliveries, decisions, told'));
afterAll(async () => {
  await notifier?.stop();
  await sink?.close();
});

let tickets = 0;
/** Filed by one person, who gets no receipt here, so that only mails to the team are counted. */
const filed = () => {
  tickets += 1;
  const requester = { kind: 'user' as const, id: 'mallory', email: undefined };
  return buildEvent('ticket.created.v1', {
    requester,
    ticket: { id: `T-${tickets}`, number: `N${tickets}`, version: 1 },
  });
};
const mailsToTeam = () => Promise.all(sink.to(TEAM).map(({ raw }) => readMail(raw)));
/** The number of tickets in the subject of a mail. */
const toldBy = ({ subject }: { subject: string | undefined }) =>
  Number(/^(\d+) support tickets/.exec(subject ?? '')?.[1] ?? 1);

describe('somebody who files hundreds of tickets', () => {
  it('S23 makes a few mails to the team, about all of them, with a link to the list', async () => {
    const before = (await mailsToTeam()).length;
    await notifier.publish(Array.from({ length: 400 }, filed));
    await notifier.untilConsumed('TICKETS');
    await notifier.untilSettled();
    const mails = (await mailsToTeam()).slice(before);
    expect(mails.length).toBeLessThanOrEqual(5);
    expect(mails.reduce((sum, mail) => sum + toldBy(mail), 0)).toBe(400);
    const digest = mails.find((mail) => toldBy(mail) > 1);
    expect(digest?.html).toContain('href="https://support.example.test/desk/tickets"');
    expect(digest?.text).not.toMatch(/N\d/);
  });

  it('one after the other makes five mails a minute to the team, and the next one is about all later tickets', async () => {
    const before = (await mailsToTeam()).length;
    for (let count = 1; count <= 5; count++) {
      await notifier.publish([filed()]);
      await waitFor(() => sink.to(TEAM).length === before + count, { what: `mail ${count} to the team` });
    }
    for (let count = 1; count <= 5; count++) {
      const event = filed();
      await notifier.publish([event]);
      await waitFor(async () => (await notifier.decisions(event.id)).some(({ reason }) => reason === 'ceiling'), {
        what: `ticket ${count} to be held`,
      });
    }
    expect(sink.to(TEAM)).toHaveLength(before + 5);
    const { rows } = await notifier.database.query(
      `select max(extract(epoch from due_at - now()))::float8 as seconds from deliveries where reason = 'ceiling'`,
    );
    expect(rows[0].seconds).toBeLessThanOrEqual(60);
    // A minute later.
    await notifier.database.query(`update deliveries set attempted_at = attempted_at - interval '1 minute'`);
    await notifier.database.query(`update deliveries set due_at = now() where reason = 'ceiling'`);
    await notifier.untilSettled();
    const [digest, ...rest] = (await mailsToTeam()).slice(before + 5);
    expect(rest).toEqual([]);
    expect(digest && toldBy(digest)).toBe(5);
  });
});

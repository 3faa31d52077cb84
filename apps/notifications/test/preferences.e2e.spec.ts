import { type ExplanationResponse, WEEKDAYS } from '@bellhop/contracts/http';
import { buildEvent } from '@bellhop/contracts/testing';
import { waitFor } from '@bellhop/local-stack';
import { describe, expect, it } from '@jest/globals';
import { ADA } from './ada.js';
import { usePreferencesBench } from './preferences-bench.js';
import { readMail } from './read-mail.js';

const bench = usePreferencesBench();

describe('what a person has decided', () => {
  it('F7 keeps a kind off a channel, and the explanation names the rule', async () => {
    await bench.ada.set({ kinds: { replied: { email: false } }, channels: { feed: false } });
    const event = await bench.ada.replyTo('ada');
    const decisions = await bench.ada.decided(event);
    expect(decisions).toMatchObject({
      email: { reason: 'switched_off', rule: 'replied.email' },
      feed: { reason: 'switched_off', rule: '*.feed' },
      push: { reason: 'no_device', rule: null },
    });
    const { body } = await bench.ada.ask<ExplanationResponse>('GET', `/ops/explanations/${event.id}`, {
      who: 'ops@example.com',
    });
    expect(body.decisions.find(({ channel }) => channel === 'email')).toMatchObject({
      outcome: 'skip',
      reason: 'switched_off',
      rule: 'replied.email',
    });
  });

  it('mutes one ticket on every channel, until it is undone', async () => {
    const first = await bench.ada.replyTo('ada');
    await bench.ada.untilState(first, 'feed', 'accepted');
    const { id, number } = first.data.ticket;
    expect((await bench.ada.ask('PUT', `/notifications/mutes/${id}`)).status).toBe(204);
    const { body } = await bench.ada.ask('GET', '/notifications/mutes');
    expect(body).toEqual({ items: [{ ticketId: id, ticketNumber: number, mutedAt: expect.any(String) }] });
    const muted = await bench.ada.decided(await bench.ada.replyTo('ada', { id, number, version: 3 }));
    for (const channel of ['email', 'feed', 'push'])
      expect(muted[channel]).toMatchObject({ reason: 'muted', rule: 'mute' });
    expect((await bench.ada.decided(await bench.ada.replyTo('ada'))).email?.reason).toBeNull();
    expect((await bench.ada.ask('DELETE', `/notifications/mutes/${id}`)).status).toBe(204);
    expect(
      (await bench.ada.decided(await bench.ada.replyTo('ada', { id, number, version: 4 }))).email?.reason,
    ).toBeNull();
  });

  it('decides about what waits already, too', async () => {
    await bench.ada.switchOn();
    await bench.ada.set({ mailAfterMinutes: 15 });
    const event = await bench.ada.replyTo('ada');
    await bench.ada.untilState(event, 'push', 'accepted');
    expect((await bench.ada.decided(event)).email).toMatchObject({ state: 'pending', rule: 'mail_after' });
    await bench.ada.ask('PUT', `/notifications/mutes/${event.data.ticket.id}`);
    await bench.running.app.database.dataSource.query(`update deliveries set due_at = now() where state = 'pending'`);
    await bench.ada.untilState(event, 'email', 'skipped');
    expect((await bench.ada.decided(event)).email?.ended).toBe('muted');
  });

  it('chooses the language and the zone, whatever the event says', async () => {
    await bench.ada.set({ locale: 'de', timeZone: 'Asia/Tokyo' });
    const event = await bench.ada.replyTo('ada');
    await bench.ada.untilState(event, 'email', 'accepted');
    const mail = await readMail(bench.ada.mailsAbout(event)[0]?.raw as Buffer);
    expect(mail.header('content-language')).toBe('de');
    const [row] = await bench.running.app.database.dataSource.query(
      'select timezone from deliveries where $1 = any (event_ids)',
      [event.id],
    );
    expect(row).toEqual({ timezone: 'Asia/Tokyo' });
  });

  it('holds a push in quiet hours, one for each ticket, and lets an emergency pass', async () => {
    const endpoint = await bench.ada.switchOn();
    const now = new Date();
    // From an hour ago to an hour ahead, whatever the day.
    const at = (hours: number) => new Date(now.getTime() + hours * 3_600_000).toISOString().slice(11, 16);
    await bench.ada.set({ quietHours: { from: at(-1), to: at(1), days: [...WEEKDAYS] }, timeZone: 'UTC' });
    const first = await bench.ada.replyTo('ada');
    const { id, number } = first.data.ticket;
    const { push } = await bench.ada.decided(first);
    expect(push).toMatchObject({ state: 'pending', rule: 'quiet_hours' });
    expect(push?.seconds).toBeGreaterThan(3_500);
    const second = await bench.ada.decided(await bench.ada.replyTo('ada', { id, number, version: 3 }));
    expect(second.push).toMatchObject({ state: 'pending' });
    const pending = await bench.running.app.database.dataSource.query(
      `select replies from deliveries where channel = 'push' and ticket_id = $1`,
      [id],
    );
    expect(pending).toEqual([{ replies: 2 }]);
    await bench.ada.replyTo('ada', { priority: 'emergency' });
    await waitFor(() => bench.running.service.to(endpoint).length === 1, { what: 'the push of the emergency' });
  });
});

describe('seen here, silent there', () => {
  it('F5 the mail goes only if the push was not seen', async () => {
    const endpoint = await bench.ada.switchOn();
    await bench.ada.set({ mailAfterMinutes: 15 });
    const [read, unread] = [await bench.ada.replyTo('ada'), await bench.ada.replyTo('ada')];
    await waitFor(() => bench.running.service.to(endpoint).length === 2, { what: 'both pushes' });
    expect((await bench.ada.decided(read)).email?.seconds).toBeGreaterThan(890);
    await bench.ada.seen(read);
    await waitFor(async () => {
      const rows = await bench.running.app.database.dataSource.query(
        'select seen_version from known_tickets where ticket_id = $1',
        [read.data.ticket.id],
      );
      return Number(rows[0]?.seen_version) === 2;
    });
    await bench.running.app.database.dataSource.query(
      `update deliveries set due_at = now() where state = 'pending' and channel = 'email'`,
    );
    await Promise.all([
      bench.ada.untilState(read, 'email', 'skipped'),
      bench.ada.untilState(unread, 'email', 'accepted'),
    ]);
    expect((await bench.ada.decided(read)).email?.ended).toBe('seen');
    expect(bench.ada.mailsAbout(unread)).toHaveLength(1);
    expect(bench.ada.mailsAbout(read)).toHaveLength(0);
  });

  it('neither push nor mail goes where the page said so first', async () => {
    const endpoint = await bench.ada.switchOn();
    const event = buildEvent('ticket.replied.v1', {
      requester: { kind: 'user', id: 'ada', email: ADA },
      actor: { kind: 'agent', id: 'lea' },
      ticket: { id: 'T-first', number: 'FIRST', version: 5 },
    });
    await bench.ada.seen(event);
    await bench.running.publish(event);
    expect(await bench.ada.decided(event)).toMatchObject({
      email: { reason: 'seen' },
      push: { reason: 'seen' },
      feed: { reason: 'seen' },
    });
    expect(bench.running.service.to(endpoint)).toHaveLength(0);
  });

  it('a push that shows nowhere sends the mail at once', async () => {
    const endpoint = await bench.ada.switchOn();
    await bench.ada.set({ mailAfterMinutes: 240 });
    bench.running.service.unsubscribe(endpoint);
    const event = await bench.ada.replyTo('ada');
    await bench.ada.untilState(event, 'push', 'skipped');
    await bench.ada.untilState(event, 'email', 'accepted');
    expect((await bench.ada.decided(event)).email?.rule).toBe('mail_after');
  });

  it('an agent who has marked it in the feed gets no mail', async () => {
    const agent = 'agent@example.com';
    const assigned = buildEvent('ticket.assigned.v1', {
      requester: { kind: 'user', id: 'ada', email: ADA },
      assignee: { kind: 'user', id: 'agent', email: agent },
      actor: { kind: 'system' },
      ticket: { id: 'T-agents', number: 'AGENTS', version: 2 },
    });
    await bench.ada.switchOn(agent);
    await bench.running.publish(assigned);
    await Promise.all([
      bench.ada.untilState(assigned, 'feed', 'accepted'),
      bench.ada.untilState(assigned, 'push', 'accepted'),
    ]);
    expect((await bench.ada.ask('POST', '/notifications/feed/seen', { who: agent, body: { all: true } })).status).toBe(
      200,
    );
    await bench.running.app.database.dataSource.query(`update deliveries set due_at = now() where state = 'pending'`);
    await waitFor(async () => ['skipped', 'accepted'].includes((await bench.ada.decided(assigned)).email?.state ?? ''));
    expect((await bench.ada.decided(assigned)).email).toMatchObject({
      state: 'skipped',
      ended: 'seen',
      rule: 'mail_after',
    });
  });
});

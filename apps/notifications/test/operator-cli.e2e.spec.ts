import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@bellhop/local-stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Operations, solved } from './operations.js';
import { runBellhop } from './run-bellhop.js';

let stack: Operations;
let folder: string;
let known: Record<string, string>;

beforeAll(async () => {
  stack = await Operations.start();
  folder = mkdtempSync(join(tmpdir(), 'bellhop-cli-'));
  known = { BELLHOP_URL: stack.notifier.app.url, BELLHOP_TOKEN: await stack.oidc.token('ops@example.com') };
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await stack?.stop();
});

const bellhop = (words: string, { env = known, input = '' }: { env?: Record<string, string>; input?: string } = {}) =>
  runBellhop(words, { env: { BELLHOP_DATA_DIR: folder, ...env }, input });
const json = async (words: string) => JSON.parse((await bellhop(`${words} --json`)).out);

/** Publishes alerts that the mail server refuses once, and waits until they are dead. */
async function dead(...addresses: string[]): Promise<void> {
  for (const to of addresses) stack.sink.when({ at: 'dot', to, answer: '554 5.6.0 not like this', times: 1 });
  for (const address of addresses) await stack.publish(solved(address));
  await waitFor(
    async () => {
      const { rows } = await stack.notifier.database.query(
        `select 1 from deliveries where state = 'dead' and endpoint = any ($1)`,
        [addresses],
      );
      return rows.length === addresses.length;
    },
    { what: 'the deliveries to be dead' },
  );
}

describe('bellhop erase', () => {
  it('needs a reason, and --yes without a terminal', async () => {
    for (const why of ['', ' --why=']) {
      expect(await bellhop(`erase jana@example.com --yes${why}`)).toMatchObject({
        code: 2,
        err: expect.stringContaining('--why'),
      });
    }
    expect(await bellhop('erase jana@example.com --why asked')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/Erase jana@example.com for good.*--yes/s),
    });
    expect(await bellhop('erase jana --why asked --yes')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/e-mail address/),
    });
  });

  it('erases a person, names the services that do not answer, and makes an audit entry without the person', async () => {
    await stack.publish(solved('Forgotten@example.com'));
    const theirs = `select from deliveries where endpoint ilike 'forgotten@%'`;
    await waitFor(async () => (await stack.notifier.database.query(theirs)).rowCount === 1, { what: 'the delivery' });
    const { code, out, err } = await bellhop('erase forgotten@example.com --why asked --yes');
    expect(err).toMatch(/notifications: waiting, tickets: no answer, guest-auth: no answer/);
    expect(out).toMatch(/^notifications +erased +\d{4}-.*Z +1 events, 2 decisions, 1 deliveries/m);
    expect(out).toMatch(/^Not yet: tickets, guest-auth\./m);
    expect(code).toBe(4);
    expect((await stack.notifier.database.query(theirs)).rowCount).toBe(0);
    const [, id] = /bellhop erasure (\S+)/.exec(out) ?? [];
    // First of all, since it is lost if the service stops meanwhile.
    expect(err.split('\n')[0]).toBe(`Erasure ${id} has started.`);
    expect((await json(`erasure ${id}`)).services[0]).toMatchObject({ state: 'erased', counts: { deliveries: 1 } });
    const { items } = await json('audit --address forgotten@example.com');
    expect(items).toMatchObject([{ action: 'GET /ops/audit' }, { action: 'POST /ops/erasures', reason: 'asked' }]);
    expect(JSON.stringify(items)).not.toContain('forgotten');
    expect(await bellhop('erasure none')).toMatchObject({ code: 1, err: expect.stringContaining('No such erasure') });
  });
});

describe('bellhop deliveries', () => {
  it('are listed as a table for people and as JSON for programs', async () => {
    await dead('one@example.com');
    const { code, out } = await bellhop('deliveries list --state dead');
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^DELIVERY +STATE +ATTEMPTS +SYSTEM +TICKET +CREATED +DUE +REASON$/);
    expect(out.split('\n')[1]).toMatch(/^[0-9a-f-]{36} +dead +1 +crm .* refused$/);
    const { items } = await json('deliveries list --state dead');
    expect(items).toMatchObject([{ state: 'dead', system: 'crm', reason: 'refused' }]);
    expect(await bellhop('deliveries list --ticket none')).toMatchObject({ code: 0, out: 'No deliveries.\n' });
  });

  it('are shown one by one, with the events and decisions that led to them', async () => {
    const [{ id }] = (await json('deliveries list --state dead')).items;
    const { code, out } = await bellhop(`deliveries show ${id}`);
    expect(code).toBe(0);
    expect(out).toMatch(/^state +dead$/m);
    expect(out).toMatch(/^recipient +guest, as requester$/m);
    // The decision was to deliver; that it died is shown above.
    expect(out).toMatch(/^EVENT +TYPE +DECIDED +DECISION +REASON$/m);
    expect(out).toMatch(/ticket\.resolved\.v1 .*Z +deliver +-$/m);
    expect(out).not.toContain('delivered');
    expect(out).not.toContain('one@');
    expect(await json(`deliveries show ${id}`)).toMatchObject({ id, template: 'resolved' });
  });

  it('are replayed one by one, after a dry run if requested', async () => {
    const [{ id }] = (await json('deliveries list --state dead')).items;
    const dry = await bellhop(`deliveries replay ${id} --dry-run`);
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('Would be replayed') });
    expect(dry.out).toContain('Nobody gets a mail twice');
    expect(stack.sink.to('one@example.com')).toEqual([]);
    expect(await bellhop(`deliveries replay ${id}`)).toMatchObject({ code: 0 });
    await waitFor(() => stack.sink.to('one@example.com').length === 1, { what: 'the mail' });
  });

  it('cannot be replayed when they were accepted: the answer says what to do', async () => {
    const [{ id }] = await waitFor(async () => {
      const { items } = await json('deliveries list --state accepted');
      return items.length > 0 && items;
    });
    const refused = await bellhop(`deliveries replay ${id}`);
    expect(refused).toMatchObject({ code: 1, out: '', err: expect.stringContaining('isAgain') });
    expect(await json(`deliveries replay ${id}`)).toMatchObject({ code: 'delivery_accepted' });
    expect(await bellhop(`deliveries replay ${id} --again`)).toMatchObject({ code: 0 });
    await waitFor(() => stack.sink.to('one@example.com').length === 2, { what: 'the second mail' });
  });

  it('are replayed in bulk only with --yes without a terminal, with progress on stderr', async () => {
    const people = ['a', 'b', 'c'].map((name) => `${name}@example.com`);
    await dead(...people);
    const filter = 'deliveries replay --state dead --system crm';
    const dry = await bellhop(`${filter} --dry-run`);
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('3 deliveries would be replayed') });
    const unasked = await bellhop(filter);
    expect(unasked).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--yes') });
    expect(unasked.err).toContain('3 deliveries would be replayed');
    for (const address of people) expect(stack.sink.to(address)).toEqual([]);
    const done = await bellhop(`${filter} --yes --limit 2`);
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('Replayed 2 deliveries') });
    expect(done.err).toContain('replayed 2 of 2');
    expect(await json(`${filter} --yes`)).toMatchObject({ replayed: 1, mayDuplicate: 0 });
    await stack.notifier.untilSettled();
    for (const address of people) expect(stack.sink.to(address)).toHaveLength(1);
  });
});

describe('bellhop dead-letters', () => {
  const event = solved('repaired@example.com', { number: '#1' });
  const repaired = { ...event, data: { ...event.data, ticket: { ...event.data.ticket, number: 'N1' } } };

  it('are listed and shown, with their body byte for byte', async () => {
    await stack.publish(event);
    await waitFor(async () => (await json('dead-letters list')).items.length === 1, { what: 'the event to be parked' });
    const { out } = await bellhop('dead-letters list --reason invalid_event');
    expect(out.split('\n')[0]).toMatch(/^SEQUENCE +STORED +REASON +SUBJECT +REDRIVEN +DETAIL$/);
    expect(out.split('\n')[1]).toMatch(/^1 .* invalid_event +inbound\.crm\.tickets\.v1\.resolved +no +.*number/);
    expect((await bellhop('dead-letters show 1')).out).toMatch(/^was in +INBOUND, at sequence \d+$/m);
    expect((await bellhop('dead-letters show 1 --body')).out).toBe(JSON.stringify(event));
    expect(await json('dead-letters show 1')).toMatchObject({ encoding: 'utf8', isRedriven: false });
  });

  it('are redriven once they are repaired, from a file or from standard input', async () => {
    const refused = await bellhop('dead-letters redrive 1');
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('data.ticket.number') });
    const file = join(folder, 'event.json');
    writeFileSync(file, JSON.stringify(repaired));
    const dry = await bellhop(`dead-letters redrive 1 --event ${file} --dry-run`);
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('can be used now') });
    const done = await bellhop(`dead-letters redrive 1 --event ${file}`);
    expect(done).toMatchObject({ code: 0, out: expect.stringContaining('was accepted.') });
    expect(done.out).toMatch(/^guest +requester +email +[a-z]+ /m);
    const again = await bellhop('dead-letters redrive 1 --event -', { input: JSON.stringify(repaired) });
    expect(again).toMatchObject({ code: 0, out: expect.stringContaining('was accepted before') });
    await waitFor(() => stack.sink.to('repaired@example.com').length === 1, { what: 'the mail' });
    expect(await bellhop('dead-letters redrive 1 --event -', { input: '{' })).toMatchObject({ code: 2 });
    expect(await bellhop(`dead-letters redrive 1 --event ${file}.none`)).toMatchObject({ code: 2 });
  });

  it('are redriven in bulk: what could not be used is listed, and the exit code says so', async () => {
    await stack.publish(solved('still-broken@example.com', { number: '#2' }));
    await waitFor(async () => (await json('dead-letters list')).items.length === 2, { what: 'the second letter' });
    expect(await bellhop('dead-letters redrive')).toMatchObject({ code: 2, err: expect.stringContaining('--all') });
    const dry = await bellhop('dead-letters redrive --all --dry-run');
    expect(dry).toMatchObject({ code: 0, out: expect.stringContaining('still not usable: 1') });
    const left = await bellhop('dead-letters redrive --all --yes');
    expect(left).toMatchObject({ code: 4, out: expect.stringMatching(/^2 +invalid_event/m) });
  });
});

describe('bellhop explain', () => {
  it('says who is notified of an event, and why somebody is not, or why the event is a dead letter', async () => {
    const event = solved('explained@example.com');
    await stack.publish(event);
    await stack.notifier.decisions(event.id);
    const { code, out } = await bellhop(`explain ${event.id} --system crm`);
    expect(code).toBe(0);
    expect(out).toContain(`Event ${event.id} of crm`);
    expect(out).toMatch(/^guest +requester +email +[a-z]+ +\d{4}-/m);
    expect(out).not.toContain('explained@');
    await stack.publishRaw('inbound.crm.tickets.v1.resolved', JSON.stringify({ ...event, id: 'unusable', data: {} }));
    const unusable = await waitFor(
      async () => {
        const explained = await bellhop('explain unusable');
        return explained.code === 0 && explained.out;
      },
      { what: 'the dead letter' },
    );
    expect(unusable).toMatch(/^Event unusable of crm became dead letter \d+, because .*\(invalid_event\): data\./);
    expect(await bellhop('explain none')).toMatchObject({ code: 1, err: expect.stringContaining('dead letters') });
  });
});

describe('bellhop dry-run', () => {
  it('says who would be notified and how the mail would read, or why the event cannot be used, and does nothing', async () => {
    const count = await stack.notifier.countDeliveries();
    const event = solved('rehearsed@example.com');
    const { code, out } = await bellhop('dry-run - --system crm', { input: JSON.stringify(event) });
    expect(code).toBe(0);
    expect(out).toContain(`ticket.resolved.v1 ${event.id} of crm`);
    expect(out).toMatch(/^guest +requester +email +deliver +\d{4}-.*Z +- +-$/m);
    expect(out).toMatch(/^── email to guest, as requester ──$/m);
    expect(out).toMatch(/^Subject +Your support ticket .* has been resolved$/m);
    expect(out).toMatch(/^To +r\*\*\*@e\*\*\*$/m);
    expect(out).toContain(event.data.ticket.url);
    expect(out).not.toContain('rehearsed@');
    const elsewhere = JSON.stringify(solved('x@example.com', { url: 'https://evil.example.com/' }));
    expect(await bellhop('dry-run - --system crm', { input: elsewhere })).toMatchObject({
      code: 1,
      err: expect.stringContaining('must begin with https://crm.example.com/'),
    });
    expect(await stack.notifier.countDeliveries()).toBe(count);
  });
});

describe('bellhop', () => {
  it('ends with 3 when the service does not answer or refuses the token, and says what to do', async () => {
    const nowhere = { BELLHOP_URL: 'http://127.0.0.1:9', BELLHOP_TOKEN: 'x' };
    expect(await bellhop('deliveries list', { env: nowhere })).toMatchObject({
      code: 3,
      err: expect.stringMatching(/cannot be reached/),
    });
    expect(await bellhop('deliveries list', { env: {} })).toMatchObject({
      code: 3,
      err: expect.stringMatching(/npm run up/),
    });
    const customer = { ...known, BELLHOP_TOKEN: await stack.oidc.token('ada@example.com') };
    expect(await bellhop('deliveries list', { env: customer })).toMatchObject({
      code: 3,
      err: expect.stringMatching(/role operator/),
    });
  });

  it('finds the local stack and its operator by itself', async () => {
    const addresses = { notifications: stack.notifier.app.url, oidc: stack.oidc.issuer };
    writeFileSync(join(folder, 'up.json'), JSON.stringify(addresses));
    expect(await bellhop('deliveries list', { env: {} })).toMatchObject({ code: 0 });
  });
});

describe('bellhop audit', () => {
  it('shows who read what, and why', async () => {
    const { next: _, ...seen } = await json('deliveries list --ticket 7K4M2Q --why Jana-called');
    expect(seen.items).toEqual([]);
    const { code, out } = await bellhop('audit --limit 1');
    expect(code).toBe(0);
    expect(out).toMatch(/^WHEN +WHO +WHAT +WHY +ABOUT\n/);
    const { items } = await json('audit --limit 3');
    expect(items).toContainEqual(
      expect.objectContaining({
        action: 'GET /ops/deliveries',
        reason: 'Jana-called',
        target: expect.objectContaining({ ticket: '7K4M2Q' }),
      }),
    );
  });
});

describe('while NATS is unavailable', () => {
  it('bellhop dead-letters ends with 3, and the log names NATS, not the database', async () => {
    await stack.nats.pause();
    expect(await bellhop('dead-letters list')).toMatchObject({ code: 3, out: '' });
    await stack.nats.resume();
    const log = stack.notifier.logLines().join('\n');
    expect(log).toContain('request refused: NATS is away');
    expect(log).not.toContain('the database is away');
  });
});

import type { PreferencesResponse } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { usePreferencesBench } from './preferences-bench.js';
import { readMail } from './read-mail.js';

const bench = usePreferencesBench();

describe('preferences', () => {
  it('are as by default until somebody changes them, and each role sees its own kinds', async () => {
    const { body } = await bench.ada.preferences();
    expect(body).toMatchObject({
      channels: { email: true, push: true, feed: true },
      mailAfterMinutes: 0,
      isMailAfterDefault: true,
      quietHours: null,
      locale: null,
      timeZone: null,
      effectiveTimeZone: expect.any(String),
      hasPhrase: false,
      phrase: null,
    });
    expect(body.kinds.map(({ kind }) => kind)).toEqual([
      'created',
      'replied',
      'information_requested',
      'resolved',
      'promise_missed',
    ]);
    expect(body.kinds[0]?.channels).toEqual({
      email: { isOn: true, isDefault: true, lock: 'receipt' },
      push: { isOn: false, isDefault: true, lock: 'not_on_channel' },
      feed: { isOn: true, isDefault: true, lock: null },
    });
    const agents = (await bench.ada.preferences('agent@example.com')).body;
    expect(agents.kinds.map(({ kind }) => kind)).toContain('promise_at_risk');
    expect(agents.mailAfterMinutes).toBe(15);
  });

  it('are replaced as a whole; what is left out is as by default again', async () => {
    const quietHours = { from: '22:00', to: '07:00', days: ['mon', 'sun'] };
    const first = await bench.ada.set({
      channels: { push: false },
      kinds: { replied: { email: false } },
      mailAfterMinutes: 60,
      quietHours,
      locale: 'pl_PL',
      timeZone: 'Central European Standard Time',
    });
    expect(first.status).toBe(200);
    expect(first.body).toMatchObject({
      channels: { email: true, push: false, feed: true },
      mailAfterMinutes: 60,
      isMailAfterDefault: false,
      quietHours,
      locale: 'pl-PL',
      timeZone: expect.stringContaining('Europe/'),
    });
    const replied = first.body.kinds.find(({ kind }) => kind === 'replied')?.channels;
    expect(replied).toMatchObject({ email: { isOn: false, isDefault: false }, push: { isOn: false, isDefault: true } });
    expect((await bench.ada.preferences()).body).toEqual(first.body);
    expect((await bench.ada.set({})).body).toMatchObject({
      channels: { push: true },
      mailAfterMinutes: 0,
      quietHours: null,
    });
    // Whoever has decided nothing has no row.
    expect(await bench.running.app.database.dataSource.query('select from person_settings')).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['the receipt by mail', { kinds: { created: { email: false } } }, 'kinds.created.email'],
    ['a push for a receipt', { kinds: { created: { push: true } } }, 'kinds.created.push'],
  ])('a locked cell is refused with its reason: %s', async (_, body, path) => {
    const reply = await bench.ada.set(body);
    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({ code: 'preference_locked', errors: [{ path }] });
  });

  it('an agent cannot silence a promise at risk on all three channels, by whichever switches', async () => {
    const silent = { kinds: { promise_at_risk: { email: false, push: false } }, channels: { feed: false } };
    expect((await bench.ada.set(silent, 'agent@example.com')).body).toMatchObject({ code: 'preference_locked' });
    const { body } = await bench.ada.set(
      { kinds: { promise_at_risk: { email: false, push: false } } },
      'agent@example.com',
    );
    const cells = body.kinds.find(({ kind }) => kind === 'promise_at_risk')?.channels;
    expect(cells?.feed).toMatchObject({ isOn: true, lock: 'last_channel' });
    expect((await bench.ada.set({ channels: { email: false, push: false, feed: false } })).status).toBe(200);
  });

  it.each<[string, object, string]>([
    ['a zone that nobody knows', { timeZone: 'Mars/Olympus' }, 'timeZone'],
    ['an abbreviation, which means several zones', { timeZone: 'IST' }, 'timeZone'],
    ['a language that is none', { locale: '!!' }, 'locale'],
    ['25 o’clock', { quietHours: { from: '25:00', to: '07:00' } }, 'quietHours.from'],
    ['no day at all', { quietHours: { from: '22:00', to: '07:00', days: [] } }, 'quietHours.days'],
    ['another number of minutes', { mailAfterMinutes: 7 }, 'mailAfterMinutes'],
    ['a channel that we do not have', { channels: { fax: true } }, 'channels'],
    ['a kind that we do not have', { kinds: { party: { email: true } } }, 'kinds'],
  ])('what makes no sense is refused by its name: %s', async (_, body, path) => {
    const reply = await bench.ada.set(body);
    expect(reply.status).toBe(422);
    const [error] = (reply.body as unknown as { errors: { path: string }[] }).errors;
    expect(error?.path.startsWith(path)).toBe(true);
  });
});

describe('the phrase', () => {
  const put = (phrase: string | null, authTime?: number) =>
    bench.ada.ask('PUT', '/notifications/phrase', { body: { phrase }, ...(authTime !== undefined && { authTime }) });

  it('stands in every mail and on the settings page, and is sealed at rest', async () => {
    expect((await put('  blue <teapot> & 42 ')).status).toBe(204);
    expect((await bench.ada.preferences()).body.phrase).toBe('blue <teapot> & 42');
    const event = await bench.ada.replyTo('ada');
    await bench.ada.untilState(event, 'email', 'accepted');
    const mail = await readMail(bench.ada.mailsAbout(event)[0]?.raw as Buffer);
    expect(mail.text).toContain('blue <teapot> & 42');
    expect(mail.html).toContain('blue &lt;teapot&gt; &amp; 42');
    expect(mail.subject).not.toContain('teapot');
    const [{ dump }] = await bench.running.app.database.dataSource.query(
      'select string_agg(s::text, $1) as dump from person_settings s',
      [''],
    );
    expect(dump).not.toContain('teapot');
    // Settings that are replaced leave it alone.
    expect((await bench.ada.set({ mailAfterMinutes: 15 })).body.phrase).toBe('blue <teapot> & 42');
    await bench.ada.set({});
    expect((await put(null)).status).toBe(204);
    expect(await bench.running.app.database.dataSource.query('select from person_settings')).toEqual([]);
  });

  it('is only for whoever has signed in within ten minutes', async () => {
    const old = Math.floor(Date.now() / 1000) - 601;
    const reply = await put('green kettle', old);
    expect(reply.status).toBe(401);
    expect(reply.body).toMatchObject({ code: 'sign_in_too_old' });
    expect(reply.headers.get('www-authenticate')).toContain('insufficient_user_authentication');
    expect((await bench.ada.preferences()).body.hasPhrase).toBe(false);
    await put('green kettle');
    // Nor may it be read then: whoever finds an open session must not learn to look like us.
    const { body } = await bench.ada.ask<PreferencesResponse>('GET', '/notifications/preferences', { authTime: old });
    expect(body).toMatchObject({ hasPhrase: true, phrase: null });
  });

  it.each([1e300, Math.floor(Date.now() / 1000) + 3_600])(
    'is not for a sign-in in the future, which is a mistake of the provider: %d',
    async (authTime) => {
      expect((await put('green kettle', authTime)).body).toMatchObject({ code: 'sign_in_too_old' });
    },
  );

  it('whose key is gone leaves the page usable', async () => {
    await put('green kettle');
    await bench.running.app.database.dataSource.query(
      `update person_settings set sealed_phrase = set_byte(sealed_phrase, 1, get_byte(sealed_phrase, 1) # 1)`,
    );
    expect((await bench.ada.preferences()).body).toMatchObject({ hasPhrase: true, phrase: null });
    expect((await bench.ada.set({ mailAfterMinutes: 15 })).status).toBe(200);
    expect((await put('red kettle')).status).toBe(204);
    expect((await bench.ada.preferences()).body.phrase).toBe('red kettle');
  });

  it.each(['ab', 'x'.repeat(61), 'two\nlines', 'https://evil.example', 'a@b.example', 'evil\u202etxt'])(
    'is refused when it is short, long, more than a line, or looks like a link: %j',
    async (phrase) => {
      expect((await put(phrase)).status).toBe(422);
    },
  );
});

import type { PreferencesResponse } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import {
  holdOf,
  isMasterHeld,
  requestOf,
  settingsAfter,
  toggledDay,
  withCell,
  withMaster,
  withNight,
} from './preferences.js';

const cell = (isOn: boolean, isDefault = true) => ({ isOn, isDefault, lock: null });
const settings: PreferencesResponse = {
  channels: { email: true, push: true, feed: true },
  kinds: [
    {
      kind: 'replied',
      audience: 'customer',
      channels: { email: cell(true), push: cell(false, false), feed: cell(true) },
    },
    { kind: 'resolved', audience: 'customer', channels: { email: cell(true), push: cell(true), feed: cell(true) } },
  ],
  mailAfterMinutes: 0,
  isMailAfterDefault: true,
  quietHours: null,
  locale: null,
  timeZone: null,
  effectiveTimeZone: 'UTC',
  hasPhrase: false,
  phrase: null,
};

describe('settings that are sent', () => {
  it('are what the person has decided, so that defaults may change', () => {
    expect(requestOf(settings)).toMatchObject({ kinds: { replied: { push: false } }, mailAfterMinutes: null });
    expect(requestOf({ ...settings, mailAfterMinutes: 60, isMailAfterDefault: false }).mailAfterMinutes).toBe(60);
  });

  it('keep what was decided before when another cell is switched', () => {
    expect(withCell(settings, 'replied', 'email', false).kinds).toEqual({ replied: { push: false, email: false } });
    expect(withCell(settings, 'resolved', 'push', false).kinds).toEqual({
      replied: { push: false },
      resolved: { push: false },
    });
  });
});

describe('a whole channel', () => {
  it('is switched, and its cells keep what was chosen for them', () => {
    expect(withMaster(settings, 'email', false)).toMatchObject({
      channels: { email: false, push: true, feed: true },
      kinds: { replied: { push: false } },
    });
  });

  it('that is off holds its cells; what is locked is locked for its own reason', () => {
    const off = { ...settings, channels: { ...settings.channels, push: false } };
    const [row] = off.kinds;
    if (!row) throw new Error('no row');
    expect(holdOf(off, row, 'push')).toBe('master_off');
    expect(holdOf(off, row, 'email')).toBeNull();
    const receipt = { ...row, channels: { ...row.channels, push: { ...cell(true), lock: 'receipt' as const } } };
    expect(holdOf(off, receipt, 'push')).toBe('receipt');
  });

  it('stays on while it is the last way for something that must arrive', () => {
    const last = { ...cell(true), lock: 'last_channel' as const };
    const kinds = settings.kinds.map((row) => ({ ...row, channels: { ...row.channels, email: last } }));
    expect(isMasterHeld({ ...settings, kinds }, 'email')).toBe(true);
    expect(isMasterHeld({ ...settings, kinds }, 'push')).toBe(false);
  });
});

describe('quiet hours', () => {
  const week = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
  const known = { ...settings, quietHours: { from: '21:00', to: '06:30', days: ['mon' as const] } };

  it('begin as a night on each day, keep what is not changed, and end', () => {
    expect(withNight(settings, {}).quietHours).toEqual({ from: '22:00', to: '07:00', days: week });
    expect(withNight(known, { to: '07:00' }).quietHours).toEqual({ from: '21:00', to: '07:00', days: ['mon'] });
    expect(withNight(known, null).quietHours).toBeNull();
  });

  it('have their days in the order of the week, and one at least', () => {
    expect(toggledDay(['fri'], 'tue')).toEqual(['tue', 'fri']);
    expect(toggledDay([...week], 'wed')).toEqual(week.filter((day) => day !== 'wed'));
    expect(toggledDay(['fri'], 'fri')).toEqual(['fri']);
  });
});

describe('settings that are not saved yet', () => {
  const replied = 'replied';
  const cellsOf = (view: PreferencesResponse) => view.kinds.find(({ kind }) => kind === replied)?.channels;

  it('are shown as they will be, and give the same request again', () => {
    const night = {
      ...withNight(settings, {}),
      mailAfterMinutes: 60 as const,
      locale: 'pl',
      timeZone: 'Europe/Warsaw',
    };
    const shown = settingsAfter(settings, night);
    expect(shown).toMatchObject({ quietHours: night.quietHours, mailAfterMinutes: 60, locale: 'pl' });
    expect(requestOf(shown)).toEqual(night);
    expect(requestOf(settingsAfter(settings, requestOf(settings)))).toEqual(requestOf(settings));
  });

  it('keep what was chosen for a cell while its channel is off', () => {
    const on = settingsAfter(settings, withCell(settings, replied, 'push', true));
    expect(cellsOf(on)?.push.isOn).toBe(true);
    const off = settingsAfter(on, withMaster(on, 'push', false));
    expect(cellsOf(off)?.push.isOn).toBe(false);
    const again = settingsAfter(off, withMaster(off, 'push', true));
    expect(cellsOf(again)?.push.isOn).toBe(true);
  });

  it('leave locked cells as they are', () => {
    const locked = { ...cell(true), lock: 'receipt' as const };
    const kinds = settings.kinds.map((row) => ({ ...row, channels: { ...row.channels, email: locked } }));
    const view = { ...settings, kinds };
    expect(cellsOf(settingsAfter(view, withMaster(view, 'email', false)))?.email).toEqual(locked);
  });
});

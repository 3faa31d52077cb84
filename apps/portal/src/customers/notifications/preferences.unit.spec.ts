import type { PreferencesResponse } from '@bellhop/contracts/http';
import { describe, expect, it } from '@jest/globals';
import { requestOf, withCell } from './preferences.js';

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

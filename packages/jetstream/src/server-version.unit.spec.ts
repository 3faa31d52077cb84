import { describe, expect, it } from '@jest/globals';
import { isBelowFloor } from './server-version.js';

describe('the oldest server', () => {
  it.each(['2.9.10', '2.11.99', '1.4.1', 'v2.10.0', '2.11.0-RC.2'])('%s is too old', (version) => {
    expect(isBelowFloor(version)).toBe(true);
  });

  it.each(['2.12.0', '2.12.1-RC.1', 'v2.14.0', '3.0.0', '10.1', 'main', '', undefined])('%s will do', (version) => {
    expect(isBelowFloor(version)).toBe(false);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Circuit } from './circuit.js';

const circuit = () => new Circuit({ firstMs: 10, longestMs: 35 });

describe('the circuit of a provider', () => {
  it('opens at a failure that says that nobody gets in', () => {
    const one = circuit();
    expect(one.failed('a', 'certain')).toBe(true);
    expect([one.state, one.takes, one.waitMs]).toEqual(['open', false, 10]);
    // What was under way fails, too, and changes nothing.
    expect(one.failed('b', 'certain')).toBe(false);
    expect(one.waitMs).toBe(10);
  });

  it('opens when three requests in a row failed that may each have been the cause', () => {
    const one = circuit();
    expect(['a', 'b', 'c'].map((request) => one.failed(request, 'possible'))).toEqual([false, false, true]);
  });

  it('never opens because one request fails again and again, nor while others are answered in between', () => {
    const one = circuit();
    for (let n = 0; n < 20; n++) expect(one.failed('a', 'possible')).toBe(false);
    for (const request of ['b', 'c', 'd', 'e']) {
      one.answered();
      expect(one.failed(request, 'possible')).toBe(false);
    }
    expect(one.state).toBe('closed');
  });

  it('lets one request try once it can be reached again, and no second one beside it', () => {
    const one = circuit();
    one.failed('a', 'certain');
    one.try();
    expect(one.takes).toBe(true);
    expect([one.begun(), one.takes, one.begun()]).toEqual([true, false, false]);
    expect(one.accepted()).toBe(true);
    one.tried();
    expect([one.state, one.takes]).toEqual(['closed', true]);
  });

  it('lets the next one try when the answer to the first says nothing of the provider', () => {
    const one = circuit();
    one.failed('a', 'certain');
    one.try();
    one.begun();
    one.answered();
    expect(one.takes).toBe(false);
    one.tried();
    expect([one.state, one.takes]).toEqual(['trial', true]);
  });

  it('stays open for longer each time, up to a limit, and begins anew once mails were taken', () => {
    const one = circuit();
    one.failed('a', 'certain');
    const waits = [one.waitMs];
    for (let n = 0; n < 3; n++) {
      one.try();
      one.begun();
      expect(one.failed('b', 'possible')).toBe(true);
      waits.push(one.waitMs);
    }
    expect(waits).toEqual([10, 20, 35, 35]);
    one.accepted();
    one.failed('a', 'certain');
    expect(one.waitMs).toBe(10);
  });

  it('closes when a request that had to stay with it is taken', () => {
    const one = circuit();
    one.failed('a', 'certain');
    one.begun();
    expect(one.accepted()).toBe(true);
    expect(one.accepted()).toBe(false);
  });
});

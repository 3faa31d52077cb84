import { buildEvent } from '@bellhop/contracts/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { knowing } from '../../test/knowledge.js';
import { type Digest, digestOf, MAX_EVENT_IDS, mergeDigests } from './digest.js';
import { type PlannedChannel, plan } from './plan.js';
import { recipientsOf } from './recipients.js';
import type { DigestWindow } from './timing.js';

/** Everything that the requester is notified of. */
const ALERTING = [
  'ticket.created.v1',
  'ticket.replied.v1',
  'ticket.information_requested.v1',
  'ticket.resolved.v1',
  'ticket.promise_missed.v1',
] as const;
const START = Date.parse('2026-11-22T10:00:00Z');
const requester = { kind: 'user' as const, id: 'u-1', email: 'u-1@example.com' };
const actor = { kind: 'agent' as const, id: 'agent-7' };

const email = (digestWindow: DigestWindow): PlannedChannel => ({
  name: 'email',
  endpointOf: (recipient) => recipient.email ?? null,
  noEndpoint: 'no_address',
  digestWindow,
});

interface Arrival {
  type: (typeof ALERTING)[number];
  version: number;
  /** Time since the arrival before; with 0 they may share a transaction. */
  gapMs: number;
}
const arrival: fc.Arbitrary<Arrival> = fc.record({
  type: fc.constantFrom(...ALERTING),
  version: fc.integer({ min: 1, max: 12 }),
  gapMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 700_000 })),
});
const arrivals = fc.array(arrival, { minLength: 1, maxLength: 25, size: 'medium' });
const inOrder = arrivals.map((list) => {
  const versions = list.map(({ version }) => version).sort((a, b) => a - b);
  return list.map((one, index) => ({ ...one, version: versions[index] as number }));
});
const waits = fc.record({ quietMs: fc.nat(300_000), moreMs: fc.nat(600_000) });
const answered = fc.nat(12);

/** The digest of each fact alone, at the time of its arrival. */
function alertsOf(list: readonly Arrival[], quietMs: number, maxWaitMs: number): Digest[] {
  let time = START;
  return list.map(({ type, version, gapMs }) => {
    time += gapMs;
    const now = new Date(time);
    const event = buildEvent(type, { requester, actor, ticket: { id: 'T-1', version } });
    const fact = { system: 'crm', event };
    const [decision] = plan(fact, recipientsOf(fact, undefined), knowing({ now }), [email({ quietMs, maxWaitMs })]);
    if (decision?.kind !== 'deliver') throw new Error('everybody here has an address');
    return digestOf(fact, decision.alert, now);
  });
}

/** Facts that arrived at one moment share a transaction, since a transaction has one clock. */
function transactionsOf(alerts: readonly Digest[]): Digest[][] {
  const moments = [...new Set(alerts.map(({ firstAt }) => firstAt.getTime()))];
  return moments.map((moment) => alerts.filter(({ firstAt }) => firstAt.getTime() === moment));
}

/** What is pending after each alert. */
function mergeEach(alerts: readonly Digest[], known: number): Digest[] {
  const pending: Digest[] = [];
  for (const next of alerts) {
    const before = pending.at(-1);
    pending.push(before ? (mergeDigests(before, next, known) ?? before) : next);
  }
  return pending;
}

/** The alerts that are not overtaken: none is older than one that came before. */
function accepted(alerts: readonly Digest[]): Digest[] {
  let newest = 0;
  return alerts.filter(({ version }) => {
    const isAccepted = version >= newest;
    newest = Math.max(newest, version);
    return isAccepted;
  });
}

describe('a digest of any facts in any order', () => {
  it('does not depend on how the facts are split into transactions', () => {
    fc.assert(
      fc.property(inOrder, waits, answered, (list, { quietMs, moreMs }, known) => {
        const alerts = alertsOf(list, quietMs, quietMs + moreMs);
        const merged = transactionsOf(alerts).map((batch) => mergeEach(batch, known).at(-1) as Digest);
        expect(mergeEach(merged, known).at(-1)).toEqual(mergeEach(alerts, known).at(-1));
      }),
    );
  });

  it('has a version that never decreases and ends at the newest', () => {
    fc.assert(
      fc.property(arrivals, waits, answered, (list, { quietMs, moreMs }, known) => {
        const versions = mergeEach(alertsOf(list, quietMs, quietMs + moreMs), known).map(({ version }) => version);
        expect(versions).toEqual([...versions].sort((a, b) => a - b));
        expect(versions.at(-1)).toBe(Math.max(...list.map(({ version }) => version)));
      }),
    );
  });

  it('waits no longer than the maximum, and nothing delays an immediate alert', () => {
    fc.assert(
      fc.property(arrivals, waits, answered, (list, { quietMs, moreMs }, known) => {
        const maxWaitMs = quietMs + moreMs;
        const alerts = alertsOf(list, quietMs, maxWaitMs);
        const steps = mergeEach(alerts, known);
        const cap = START + (list[0]?.gapMs ?? 0) + maxWaitMs;
        for (const [index, step] of steps.entries()) {
          expect(step.dueAt.getTime()).toBeLessThanOrEqual(cap);
          const before = steps[index - 1];
          if (!before?.isImmediate) continue;
          expect(step.isImmediate).toBe(true);
          expect(step.dueAt).toEqual(before.dueAt);
        }
        const atOnce = accepted(alerts).find(({ isImmediate }) => isImmediate);
        if (atOnce) expect(steps.at(-1)?.dueAt.getTime()).toBeLessThanOrEqual(atOnce.dueAt.getTime());
      }),
    );
  });

  it('says "resolved" over an open question, and that over the newest alert', () => {
    fc.assert(
      fc.property(arrivals, waits, answered, (list, { quietMs, moreMs }, known) => {
        const alerts = alertsOf(list, quietMs, quietMs + moreMs);
        const kept = accepted(alerts);
        const isOpen = (one: Digest) => one.template === 'information_requested' && one.version > known;
        const shown = kept.findLast(({ template }) => template === 'resolved') ?? kept.findLast(isOpen) ?? kept.at(-1);
        const { template, templateVersion, at } = mergeEach(alerts, known).at(-1) as Digest;
        expect({ template, templateVersion, at }).toEqual({
          template: shown?.template,
          templateVersion: shown?.version,
          at: shown?.at,
        });
      }),
    );
  });

  it('keeps its newest hundred event ids in the order of arrival, and counts all replies', () => {
    const flood = fc.array(arrival, { minLength: 1, maxLength: 2 * MAX_EVENT_IDS, size: 'max' });
    fc.assert(
      fc.property(fc.oneof(arrivals, flood, flood.map(sorted)), answered, (list, known) => {
        const alerts = alertsOf(list, 0, 0);
        const { eventIds, replies } = mergeEach(alerts, known).at(-1) as Digest;
        const kept = accepted(alerts);
        expect(eventIds).toEqual(kept.flatMap((one) => one.eventIds).slice(-100));
        expect(replies).toBe(kept.filter(({ template }) => template === 'replied').length);
      }),
      // Without shrinking: with two hundred arrivals it would take minutes.
      { numRuns: 30, endOnFailure: true },
    );
  });
});

function sorted(list: Arrival[]): Arrival[] {
  return [...list].sort((a, b) => a.version - b.version);
}

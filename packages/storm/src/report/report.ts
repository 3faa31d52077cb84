import { cpus, totalmem } from 'node:os';
import type { Evidence } from '../checker/evidence.js';
import type { Violation } from '../checker/violation.js';
import type { History } from '../history/history.js';
import type { Recovery } from '../nemesis/nemesis.js';
import type { StormResult } from './run-storm.js';

const SHOWN = 200;

/** The parameters and results of a storm, for machines. */
export interface Report {
  readonly machine: string;
  readonly seed: number;
  readonly provider: Evidence['provider'];
  readonly lastedSeconds: number;
  readonly restSeconds: number;
  readonly committedEvents: number;
  /** The same, by system. */
  readonly systems: Readonly<Record<string, number>>;
  /** As expected. */
  readonly deadLetters: number;
  readonly acknowledgedWrites: number;
  /** Cut off by the writer or by a fault: they may be stored or not. */
  readonly unacknowledgedWrites: number;
  readonly mails: number;
  /** Pushes that the push service has taken, to so many devices, of which so many were ended during the storm. */
  readonly pushes: number;
  readonly devices: number;
  readonly endedDevices: number;
  /** Pages that were open, each of which shows how its feed stands. */
  readonly pages: number;
  readonly entries: number;
  /** Guests who typed the code from their mail and were accepted. */
  readonly provenGuests: number;
  /** By state. */
  readonly deliveries: Readonly<Record<string, number>>;
  /** Unanswered attempts. */
  readonly unknowns: number;
  /** Mails that arrived more than once, each explained by an unanswered attempt (SMTP only). */
  readonly copies: number;
  /** Events that a stream had acknowledged and then lost. */
  readonly eventsRolledBack: number;
  /** Faults by kind. */
  readonly troubles: Readonly<Record<string, number>>;
  readonly recovery: Readonly<
    Record<string, { readonly medianMs: number; readonly longestMs: number; readonly notIn30s: number }>
  >;
  readonly violations: readonly Violation[];
}

export function reportOf(result: StormResult, { seed, history }: { seed: number; history: History }): Report {
  const { evidence } = result;
  const { deliveries, writes, mails } = evidence;
  const acknowledged = writes.filter(({ isAcknowledged }) => isAcknowledged).length;
  const [cpu] = cpus();
  return {
    machine: `${cpus().length} × ${cpu?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`,
    seed,
    provider: evidence.provider,
    lastedSeconds: Math.round(result.lastedMs / 1_000),
    restSeconds: Math.round(result.restMs / 1_000),
    committedEvents: evidence.committed.length,
    systems: counted(evidence.committed.map(({ system }) => system)),
    deadLetters: evidence.streams.DEAD_LETTERS.length,
    acknowledgedWrites: acknowledged,
    unacknowledgedWrites: writes.length - acknowledged,
    mails: mails.length,
    pushes: evidence.pushes?.length ?? 0,
    devices: evidence.devices?.length ?? 0,
    endedDevices: evidence.devices?.filter(({ endedFrom }) => endedFrom !== null).length ?? 0,
    pages: evidence.pages?.length ?? 0,
    entries: evidence.entries?.length ?? 0,
    provenGuests: evidence.provenTickets?.length ?? 0,
    deliveries: counted(deliveries.map(({ state }) => state)),
    unknowns: deliveries.reduce((sum, { unknowns }) => sum + unknowns, 0),
    copies: mails.length - new Set(mails.map(({ deliveryId }) => deliveryId)).size,
    eventsRolledBack: result.eventsRolledBack,
    troubles: troublesIn(history),
    recovery: recoveryBy(result.recoveries),
    violations: result.violations,
  };
}

/** The same for people. */
export function markdownOf(report: Report): string {
  const troubles = Object.entries(report.troubles).map(([kind, count]) => {
    const recovery = report.recovery[kind];
    const slow = recovery?.notIn30s ? `, ${recovery.notIn30s} not within 30 s` : '';
    return `| ${kind} | ${count} | ${recovery ? `${recovery.medianMs} ms, ${recovery.longestMs} ms${slow}` : '–'} |`;
  });
  const violations = report.violations
    .slice(0, SHOWN)
    .map(({ name, ids, says }) => `- **${name}** ${says} (${ids.join(', ')})`);
  return `# Storm ${report.seed}, ${report.provider}

${report.violations.length === 0 ? 'Every promise held.' : `**${report.violations.length} violations.**`}

${report.committedEvents} events (${listed(report.systems)}) in ${report.lastedSeconds} s, and ${report.deadLetters} unusable ones that became dead letters; ${report.mails} mails, ${report.copies} of them copies
explained by a lost answer; ${report.pushes} pushes to ${report.devices} devices, ${report.endedDevices} of which were ended meanwhile; ${report.entries} entries in feeds,
${report.pages} pages open; ${report.unknowns} unanswered attempts; ${report.eventsRolledBack} events that streams had acknowledged
and then lost; ${report.unacknowledgedWrites} writes were cut off and ${report.acknowledgedWrites} acknowledged; ${report.provenGuests} guests
proved their mailbox. Deliveries: ${listed(report.deliveries)}. Quiet ${report.restSeconds} s after the last fault. ${report.machine}.

| fault | times | until the next mail, with every process ready: median, longest |
|---|---|---|
${troubles.join('\n')}
${violations.length > 0 ? `\n## Violations\n${violations.join('\n')}\n` : ''}`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');
}

function counted(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function troublesIn(history: History): Record<string, number> {
  const nemesis = [...history.counts].filter(([key]) => key.startsWith('nemesis '));
  return Object.fromEntries(nemesis.map(([key, count]) => [key.slice('nemesis '.length), count]));
}

function recoveryBy(recoveries: readonly Recovery[]): Report['recovery'] {
  const kinds = [...new Set(recoveries.map(({ kind }) => kind))];
  return Object.fromEntries(
    kinds.map((kind) => {
      const all = recoveries.filter((one) => one.kind === kind).map(({ ms }) => ms);
      const times = all.filter((ms) => ms !== null).sort((a, b) => a - b);
      const medianMs = times[Math.floor(times.length / 2)] ?? 0;
      return [kind, { medianMs, longestMs: times.at(-1) ?? 0, notIn30s: all.length - times.length }];
    }),
  );
}

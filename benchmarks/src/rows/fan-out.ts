import { execFileSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { FEED_HINTS_SUBJECT, type FeedHintsMessage } from '@bellhop/contracts/streams';
import { percentile } from '../report/figures.js';
import type { Context, Row } from '../row.js';
import { Pages } from '../world/pages.js';
import { World } from '../world/world.js';
import { limit } from './goal.js';

const STREAMS = [1_000, 10_000];
/** As many as one person may have open at a replica. */
const PER_PERSON = 5;
const RUNS = 5;
const REST_MS = 2_000;
/** Beside the streams. */
const FILES = 200;
const APP = 'notifications';
const LIMITS = { p99Ms: 1_000, blockedMs: 100, kib: 15 };

interface FanOut {
  readonly p99Ms: number[];
  readonly blockedMs: number[];
  readonly kibPerStream: number;
}

export const fanOut: Row = {
  name: 'fan-out',
  title: 'everybody is told at once that their feed has changed: hint → open page',
  async run({ isQuick, progress }: Context) {
    const counts = isQuick ? STREAMS.map((count) => count / 10) : STREAMS;
    const results = [];
    for (const count of counts) {
      const result = await fanOutTo(count);
      progress(`${count} streams: ${result.kibPerStream.toFixed(1)} KiB each`);
      results.push({ count, ...result });
    }
    const last = results.at(-1) as FanOut;
    return {
      unit: 'ms',
      figures: results.flatMap(({ count, p99Ms, blockedMs }) => [
        { what: `p99 of ${count.toLocaleString('en')} streams`, runs: p99Ms },
        { what: 'longest block of the event loop', runs: blockedMs },
      ]),
      goals: [
        limit(Math.max(...last.p99Ms), LIMITS.p99Ms, 'p99 (ms)'),
        limit(Math.max(...last.blockedMs), LIMITS.blockedMs, 'blocked (ms)'),
        limit(last.kibPerStream, LIMITS.kib, 'KiB per stream'),
      ],
      details: results,
      notes: [
        `Streams: ${PER_PERSON} for each person, opened one after the other by another process on the same cores. All revisions are raised in the database, and one hint names all people; from right before it is published. The block is the largest delay of a timer of 10 ms meanwhile. Memory: RSS of the process, with the streams less without, divided by their number.`,
      ],
    };
  },
};

async function fanOutTo(count: number): Promise<FanOut> {
  checkFiles(count);
  const world = await World.start({ apps: [APP] });
  const pages = Pages.start();
  try {
    const people = Array.from({ length: count / PER_PERSON }, (_, index) => `p-${index}`);
    const tokens = people.map((id) =>
      world.issuer.token({ id, email: `${id}@example.test`, locale: 'en', isAgent: false }),
    );
    const url = `${world.apps.get(APP)?.url}/notifications/feed/stream`;
    // Whatever a first request needs is there before the memory is measured.
    await pages.open(url, tokens.slice(0, 1));
    await pause(REST_MS);
    const before = await world.memoryBytes(APP);
    await pages.open(
      url,
      Array.from({ length: PER_PERSON }, () => tokens)
        .flat()
        .slice(1),
    );
    await pause(REST_MS);
    const kibPerStream = ((await world.memoryBytes(APP)) - before) / count / 1_024;
    const p99Ms: number[] = [];
    const blockedMs: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      // Reading it begins a new maximum.
      await world.metric(APP, 'nodejs_eventloop_lag_max_seconds');
      p99Ms.push(percentile(await tellAll(world, pages, people), 0.99));
      blockedMs.push((await world.metric(APP, 'nodejs_eventloop_lag_max_seconds')) * 1_000);
    }
    return { p99Ms, blockedMs, kibPerStream };
  } finally {
    await pages.stop();
    await world.stop();
  }
}

/** @returns how long after the hint each page heard of it, in milliseconds */
async function tellAll(world: World, pages: Pages, people: readonly string[]): Promise<number[]> {
  const rows = await world.rows<{ person: string; rev: number }>(
    APP,
    `insert into feed_revisions as r (person, rev) select person, (extract(epoch from now()) * 1000)::bigint from unnest($1::text[]) as p (person)
     on conflict (person) do update set rev = greatest(r.rev + 1, excluded.rev) returning person, rev::float8 as rev`,
    [people],
  );
  const hint: FeedHintsMessage = { people: rows.map(({ person, rev }) => [person, rev]) };
  let toldAt = 0;
  const heardAt = await pages.hear(people.length * PER_PERSON, async () => {
    toldAt = Date.now();
    world.connection.publish(FEED_HINTS_SUBJECT, JSON.stringify(hint));
    await world.connection.flush();
  });
  return heardAt.map((at) => at - toldAt);
}

/** Each stream is a file of the app's process and of the pages'. */
function checkFiles(streams: number): void {
  const most = execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }).trim();
  if (most !== 'unlimited' && Number(most) < streams + FILES)
    throw new Error(
      `A process may open ${most} files, and ${streams} streams need more: raise it, such as by ulimit -n 20000.`,
    );
}

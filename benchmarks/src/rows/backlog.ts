import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { median } from '../report/figures.js';
import { Pace } from '../report/pace.js';
import { plot } from '../report/plot.js';
import type { Context, Goal, Row } from '../row.js';
import { QUIET } from '../world/events.js';
import { World } from '../world/world.js';

const EVENTS = 1_000_000;
const SAMPLE_MS = 1_000;
/**
 * The length of one sample. Once a minute, Postgres takes five seconds to vacuum and analyze new rows: shorter samples would show that more
 * than a trend.
 */
const WINDOW_SECONDS = 30;
const MEBIBYTE = 2 ** 20;
const TOLERANCE = 0.1;

interface Sample {
  readonly second: number;
  readonly left: number;
  readonly memoryMib: number;
  /** The speed of the machine, see {@link Pace}. */
  readonly pace: number;
}

interface Window {
  readonly second: number;
  readonly rate: number;
  readonly memoryMib: number;
  readonly pace: number;
}

export const backlog: Row = {
  name: 'backlog',
  isLong: true,
  title: '1,000,000 events have piled up: intake until none is left',
  async run({ isQuick, progress, folder }: Context) {
    const count = isQuick ? 10_000 : EVENTS;
    const world = await World.start({ apps: ['notifications'] });
    try {
      // Warms up, so that neither compilation nor a growing heap looks like a trend.
      await world.publish(count / 20, QUIET);
      await world.untilConsumed('TICKETS');
      await world.hold('TICKETS');
      await world.publish(count, QUIET, (published) => {
        if (published % 200_000 === 0) progress(`${published.toLocaleString('en')} events wait`);
      });
      const samples = await drained(world, progress);
      const windows = averages(samples, isQuick ? 1 : WINDOW_SECONDS);
      const rates = windows.map(({ rate }) => rate);
      const ratesAtPace = windows.map((window) => window.rate / window.pace);
      const memories = windows.map(({ memoryMib }) => memoryMib);
      if (!isQuick) {
        mkdirSync(folder, { recursive: true });
        const curve = (name: string, unit: string, of: (window: Window) => number) => {
          return { name, unit, points: windows.map((window) => ({ x: window.second, y: of(window) })) };
        };
        const curves = [
          curve('rate', 'events/s', ({ rate }) => rate),
          curve('memory of notifications', 'MiB', ({ memoryMib }) => memoryMib),
          curve('the machine: a fixed piece of work', 'rounds/ms', (window) => window.pace),
        ];
        writeFileSync(join(folder, 'backlog.svg'), plot(this.title, curves));
      }
      return {
        unit: 'events/s',
        figures: [{ what: 'Bellhop', runs: [count / (samples.at(-1)?.second ?? Number.NaN)] }],
        goals: [flat('rate', rates), flat('rate at the pace of the machine', ratesAtPace), flat('memory', memories)],
        details: { windows },
      };
    } finally {
      await world.stop();
    }
  },
};

async function drained(world: World, progress: (line: string) => void): Promise<Sample[]> {
  const samples: Sample[] = [];
  const machine = new Pace();
  try {
    await world.release('TICKETS');
    const startedAt = performance.now();
    for (;;) {
      const [left, bytes] = await Promise.all([world.left('TICKETS'), world.memoryBytes('notifications')]);
      const second = (performance.now() - startedAt) / 1_000;
      samples.push({ second, left, memoryMib: bytes / MEBIBYTE, pace: machine.take() });
      if (samples.length % 20 === 0) progress(`${left.toLocaleString('en')} are left`);
      if (left === 0) return samples;
      await pause(SAMPLE_MS);
    }
  } finally {
    machine.stop();
  }
}

/** All but the last, unfinished one. */
function averages(samples: readonly Sample[], seconds: number): Window[] {
  const windows: Window[] = [];
  let within: Sample[] = [];
  for (const sample of samples) {
    within.push(sample);
    const [start] = within;
    if (!start || sample.second - start.second < seconds) continue;
    const rate = (start.left - sample.left) / (sample.second - start.second);
    const memoryMib = mean(within.map((one) => one.memoryMib));
    windows.push({ second: sample.second, rate, memoryMib, pace: mean(within.map((one) => one.pace)) });
    within = [sample];
  }
  return windows;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function flat(what: string, values: readonly number[]): Goal {
  const middle = median(values);
  const furthest = Math.max(...values.map((value) => Math.abs(value - middle) / middle));
  return {
    text: `${what} flat within ${TOLERANCE * 100} %`,
    reached: `${(furthest * 100).toFixed(0)} %`,
    isReached: furthest <= TOLERANCE,
  };
}

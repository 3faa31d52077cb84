import { setTimeout as pause } from 'node:timers/promises';
import type { Context, Row } from '../row.js';
import { World } from '../world/world.js';

const MEBIBYTE = 2 ** 20;
const APPS = ['tickets', 'notifications', 'guest-auth'] as const;

export const footprint: Row = {
  name: 'footprint',
  title: 'memory of an idle process (RSS)',
  async run({ isQuick }: Context) {
    const world = await World.start({ apps: APPS });
    try {
      await pause(isQuick ? 1_000 : 10_000);
      const figures = APPS.map(async (app) => ({ what: app, runs: [(await world.memoryBytes(app)) / MEBIBYTE] }));
      return { unit: 'MiB', figures: await Promise.all(figures) };
    } finally {
      await world.stop();
    }
  },
};

import type { History } from '../history/history.js';
import { Random } from '../world/random.js';
import type { World } from '../world/world.js';
import { writeAtDesk } from './desk.js';
import { writeAsGuests } from './guests.js';
import { Pace } from './pace.js';
import { writeAsSystem } from './system.js';

export interface Rates {
  /** HTTP requests per second. */
  readonly desk: number;
  /** Events per second of `crm`. */
  readonly crm: number;
  /** The same of `erp`, a second outside system, where the world has one. */
  readonly erp?: number;
  /** HTTP requests per second of guests, and of the agents who answer them. */
  readonly guests?: number;
}

const MODEST = { desk: 25, crm: 20, erp: 8, guests: 4 };
/** The share of `erp`'s tickets that end with an unusable event. */
const JUNK = 0.05;

export interface Writing {
  /** Starts nothing new and waits until everything started is done, at most two minutes. */
  finish(): Promise<void>;
}

/** Starts all writers. */
export function startWriters(world: World, history: History, seed: number, rates: Rates = MODEST): Writing {
  const end = new AbortController();
  const common = { log: world.log, history, signal: end.signal };
  const random = new Random(seed);
  const http = { ...common, urls: [world.tickets.url], issuer: world.issuer, people: world.people };
  const writers = [
    writeAtDesk({ ...http, random: random.branch(1), pace: new Pace(rates.desk) }),
    writeAsSystem({
      ...{ ...common, system: 'crm', natsUrl: world.nats.urlFor('crm') },
      ...{ random: random.branch(2), pace: new Pace(rates.crm) },
    }),
  ];
  if (world.guestAuth) {
    writers.push(
      writeAsGuests({
        ...{ ...http, guestAuthUrl: world.guestAuth.url, provider: world.provider },
        ...{ random: random.branch(3), pace: new Pace(rates.guests ?? MODEST.guests) },
      }),
    );
  }
  if (world.erpUrl) {
    writers.push(
      writeAsSystem({
        ...{ ...common, system: 'erp', natsUrl: world.erpUrl, junk: JUNK },
        ...{ random: random.branch(4), pace: new Pace(rates.erp ?? MODEST.erp) },
      }),
    );
  }
  const writing = Promise.all(writers);
  // `finish` reports a failure; until then it must not end the storm as an unhandled rejection.
  writing.catch(() => undefined);
  return {
    async finish() {
      end.abort();
      await writing;
    },
  };
}

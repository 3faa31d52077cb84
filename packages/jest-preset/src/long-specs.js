/**
 * Specs that take more than a minute on two cores, with the seconds they were expected to take and what takes the time. They start
 * first; `npm test` lists at its end which specs took more than a minute.
 */
export const LONG_SPECS = {
  'outages.e2e.spec.ts': { seconds: 260, why: 'Postgres, then NATS are away for two minutes each; it mostly waits' },
  'crash-points.e2e.spec.ts': { seconds: 200, why: 'a process is killed at each of 60 failpoints and started again' },
  'sabotage-of-ours.e2e.spec.ts': { seconds: 190, why: 'seven more, of push and the feed' },
  'sabotage.e2e.spec.ts': { seconds: 170, why: 'seven builds with a safeguard missing, each beside one that has it' },
  'attachment-fuzz.int.spec.ts': { seconds: 150, why: '10,000 uploads' },
  'budgets.int.spec.ts': { seconds: 100, why: '7,000 requests of attackers' },
  'up.e2e.spec.ts': { seconds: 90, why: '`npm run up` seven times, each with all servers and apps' },
  'storm.e2e.spec.ts': { seconds: 90, why: 'six troubles under load, each given time to heal' },
  'cluster.e2e.spec.ts': { seconds: 75, why: 'three NATS servers choose new leaders' },
  'crashes.e2e.spec.ts': { seconds: 70, why: 'processes are killed under load' },
  'smoke.e2e.spec.ts': { seconds: 70, why: 'every row of the benchmark runs once' },
  'resend.e2e.spec.ts': { seconds: 65, why: 'retries wait as long as the schedule says' },
  'journeys.e2e.spec.ts': { seconds: 60, why: 'a browser lives through what a customer does, and waits for mails' },
  'settings.e2e.spec.ts': { seconds: 60, why: 'a browser changes settings, and waits for what still comes' },
  'accessible.e2e.spec.ts': { seconds: 60, why: 'axe looks at every page, light and dark' },
  'writing.e2e.spec.ts': { seconds: 60, why: 'a browser goes offline while somebody writes' },
  'robustness.e2e.spec.ts': { seconds: 60, why: 'floods of thousands of events' },
};

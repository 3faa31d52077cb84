import { afterAll, afterEach, beforeAll } from '@jest/globals';
import { type Ada, adaAt } from './ada.js';
import { type RunningWithPush, runningWithPush } from './running-with-push.js';

/** The app with push, and somebody with an account, for the tests of one file: each begins with the settings that all have at first. */
export function usePreferencesBench(): { running: RunningWithPush; ada: Ada } {
  const bench = {} as { running: RunningWithPush; ada: Ada };
  beforeAll(async () => {
    bench.running = await runningWithPush({ ALERT_QUIET_SECONDS: '1' });
    bench.ada = adaAt(bench.running);
  });
  afterAll(() => bench.running?.stop());
  afterEach(async () => {
    const { service, app } = bench.running;
    service.forget();
    service.forgetRules();
    await app.database.dataSource.query('truncate push_subscriptions, person_settings, ticket_mutes');
  });
  return bench;
}

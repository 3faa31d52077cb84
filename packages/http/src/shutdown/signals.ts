import type { Log } from '../logging/json-logger.js';
import { HARD_EXIT_MS, type Shutdown } from './shutdown.js';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * The first signal shuts down in order and exits with 0; after 25 s, or with a second signal, the process exits with 1
 * whatever is still open. Returns a function that stops listening, for processes that live on (tests).
 */
export function stopOnSignals(shutdown: Shutdown, log: Log): () => void {
  let isStopping = false;
  // Node ends the process by itself after this, as it should: its state is unknown then.
  const onCrash = (error: Error): void => log.fatal({ message: 'crashed', error });
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(1);
    isStopping = true;
    log.log({ message: 'stopping', signal });
    setTimeout(() => {
      log.error({ message: 'not stopped in time, exiting', afterMs: HARD_EXIT_MS });
      process.exit(1);
    }, HARD_EXIT_MS).unref();
    void shutdown.run().then(() => process.exit(0));
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('uncaughtExceptionMonitor', onCrash);
  return () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('uncaughtExceptionMonitor', onCrash);
  };
}

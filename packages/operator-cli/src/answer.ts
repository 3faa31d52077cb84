import { CliError, EXIT } from './cli.errors.js';

/** For a request with all its tries, until the body of the answer is read. */
const LIMIT_SECONDS = 10;
/** Repeating is safe: requests that change something carry an Idempotency-Key. */
const TRIES = 3;

interface Answer {
  readonly status: number;
  /** Undefined where it is not JSON. */
  readonly content: unknown;
}

/**
 * Sends a request, up to three times, and reads the answer.
 * @throws CliError with exit code 3 if there is none within ten seconds
 */
export async function answerOf(url: string, init: RequestInit): Promise<Answer> {
  const signal = AbortSignal.timeout(LIMIT_SECONDS * 1_000);
  for (let tries = 1; ; tries++) {
    try {
      const answer = await fetch(url, { ...init, signal });
      return { status: answer.status, content: parsed(await answer.text()) };
    } catch (error) {
      const { origin } = new URL(url);
      if (signal.aborted) {
        throw new CliError(
          EXIT.unreachable,
          `${origin} did not answer within ${LIMIT_SECONDS} s. Is it overloaded, or stopped?`,
        );
      }
      if (tries < TRIES) continue;
      const { cause, message } = error as Error;
      const reason = cause instanceof Error ? cause.message || (cause as { code?: string }).code : message;
      throw new CliError(EXIT.unreachable, `${origin} cannot be reached: ${reason}.`);
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

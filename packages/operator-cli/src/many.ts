import { type Call, isSet } from './command.js';

export const MANY_OPTIONS = { yes: { type: 'boolean' }, 'dry-run': { type: 'boolean' } } as const;

/** What a command would do to many. */
interface Plan {
  readonly count: number;
  readonly text: string;
  /** For `--json`. */
  readonly data: unknown;
}

/**
 * Whether a command about many goes on: not in a dry run or where there is nothing to do, which ends with the plan, and only with a yes.
 * @throws CliError with exit code 2 where nobody says yes
 */
export async function goesOn({ terminal, options }: Call, plan: Plan, question: string): Promise<boolean> {
  if (isSet(options, 'dry-run') || plan.count === 0) {
    terminal.show(plan.text, plan.data);
    return false;
  }
  if (isSet(options, 'yes')) return true;
  terminal.say(plan.text);
  await terminal.confirm(question);
  return true;
}

/** The answers to one request after the other, each with the cursor of the answer before, until there is none. */
export async function* followCursor<T extends { readonly cursor: string | null }>(
  ask: (place: { cursor?: string }) => Promise<T>,
): AsyncGenerator<T> {
  let cursor: string | null | undefined;
  do {
    const answer: T = await ask(cursor ? { cursor } : {});
    yield answer;
    cursor = answer.cursor;
  } while (cursor !== null);
}

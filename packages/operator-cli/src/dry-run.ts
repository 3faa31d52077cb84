import type { DryRunResponse } from '@bellhop/contracts/http';
import { EXIT } from './cli.errors.js';
import { type Command, textOf } from './command.js';
import { decisionTable } from './decisions.js';
import { readEvent } from './event-file.js';
import { describePreviews } from './previews.js';

export const dryRun: Command = {
  name: 'dry-run',
  argument: '<file>',
  summary:
    'who would be notified of an event and how the message would read, who would not, and why; nothing is stored or sent',
  help: `<file> holds the event as JSON; - reads it from standard input. One that would become a dead letter is refused with the same sentence.
  --system <name>    who publishes it; default: bellhop, which is ours`,
  options: { system: { type: 'string' } },
  async run({ client, terminal, argument, options }) {
    const event = await readEvent(argument ?? '');
    const answer = await client.post<DryRunResponse>('/ops/dry-runs', { system: textOf(options, 'system'), event });
    const { eventId, type, system, isDuplicate, decisions } = answer;
    const before = isDuplicate ? ' was accepted before, so it would have no effect. Decided then:' : '';
    const parts = [
      `${type} ${eventId} of ${system}${before}`,
      decisionTable(decisions),
      ...describePreviews(decisions),
    ];
    terminal.show(parts.join('\n\n'), answer);
    return EXIT.done;
  },
};

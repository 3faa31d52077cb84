import type { ExplanationResponse } from '@bellhop/contracts/http';
import { EXIT } from './cli.errors.js';
import { type Command, textOf } from './command.js';
import { decisionTable } from './decisions.js';
import { describeDeliveries } from './traces.js';

export const explain: Command = {
  name: 'explain',
  argument: '<event id>',
  summary: 'who is notified of an event, who is not, and why; attempts, devices, and what the provider said',
  help: '  --system <name>    who published it, where several systems have used this id',
  options: { system: { type: 'string' } },
  async run({ client, terminal, argument, options }) {
    const path = `/ops/explanations/${encodeURIComponent(argument ?? '')}`;
    const found = await client.get<ExplanationResponse>(path, { system: textOf(options, 'system') });
    terminal.show(describe(found), found);
    return EXIT.done;
  },
};

function describe({ system, eventId, decisions, deadLetter }: ExplanationResponse): string {
  const event = `Event ${eventId} of ${system}`;
  if (deadLetter === null) return [event, decisionTable(decisions), ...describeDeliveries(decisions)].join('\n\n');
  const { sequence, reason, detail } = deadLetter;
  return `${event} became dead letter ${sequence}, because it cannot be used (${reason}): ${detail}`;
}

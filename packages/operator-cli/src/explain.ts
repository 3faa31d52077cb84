import { EXIT } from './cli.errors.js';
import type { Command } from './command.js';
import { moment, table } from './table.js';

/** As `GET /ops/explanations/:eventId` answers. */
interface Explanation {
  readonly system: string;
  readonly type: string;
  readonly recipient: string | null;
  readonly outcome: string;
  readonly reason: string | null;
  readonly decidedAt: string;
  readonly delivery: { readonly id: string; readonly state: string } | null;
}

export const explain: Command = {
  name: 'explain',
  argument: '<event id>',
  summary: 'who hears of an event, who does not, and why; guests are named by address',
  help: '',
  options: {},
  async run({ client, terminal, argument }) {
    const found = await client.get<{ items: Explanation[] }>(`/ops/explanations/${encodeURIComponent(argument ?? '')}`);
    const rows = found.items.map((one) => [
      one.system,
      one.type,
      one.recipient ?? 'nobody',
      one.delivery?.state ?? one.outcome,
      moment(one.decidedAt),
      one.delivery?.id ?? '-',
      one.reason ?? '-',
    ]);
    terminal.show(table(['SYSTEM', 'EVENT', 'WHO', 'STATE', 'DECIDED', 'DELIVERY', 'REASON'], rows), found);
    return EXIT.done;
  },
};

import type { AuditEntryView, Page } from '@bellhop/contracts/http';
import { EXIT } from './cli.errors.js';
import { type Command, textOf } from './command.js';
import { numberOf, readPages } from './pages.js';
import { moment, table } from './table.js';

export const audit: Command = {
  name: 'audit',
  argument: '',
  summary: 'who did and looked at what, when and why; newest first',
  help: `  --actor <subject>  the operator, as their token names them
  --address <e-mail> entries about this address, which no entry contains
  --limit <count>    how many at most; default 25`,
  options: { actor: { type: 'string' }, address: { type: 'string' }, limit: { type: 'string' } },
  async run({ client, terminal, options }) {
    const limit = numberOf(options, 'limit') ?? 25;
    const filter = { actor: textOf(options, 'actor'), address: textOf(options, 'address') };
    const { items, next } = await readPages<AuditEntryView>(limit, (page) =>
      client.get<Page<AuditEntryView>>('/ops/audit', { ...filter, ...page }),
    );
    const rows = items.map((one) => [
      moment(one.at),
      one.actor,
      one.action,
      one.reason ?? '-',
      Object.keys(one.target).length === 0 ? '-' : JSON.stringify(one.target),
    ]);
    const text = items.length === 0 ? 'No lines.' : table(['WHEN', 'WHO', 'WHAT', 'WHY', 'ABOUT'], rows);
    terminal.show(text, { items, next });
    if (next !== null) terminal.say(`There are more: raise --limit above ${limit}.`);
    return EXIT.done;
  },
};

import { setTimeout as sleep } from 'node:timers/promises';
import type { ErasureView } from '@bellhop/contracts/http';
import { EXIT, usageError } from './cli.errors.js';
import { type Call, type Command, isSet, textOf } from './command.js';
import { moment, table } from './table.js';

const LOOK_MS = 1_000;
/** Longer than it takes where nothing is in the way; whoever is not done by then may take a day. */
const LOOKS = 60;

export const erase: Command = {
  name: 'erase',
  argument: '<person>',
  summary: 'forgets a person for good, in every service',
  help: `<person> is an e-mail address, an account of ours (user:<id>), or one of another system (crm:<id>). Tickets of theirs go with
all that anybody wrote in them. It cannot be undone; needs --why, which must not name the person, since it stays in the audit.
  --yes              do not ask`,
  options: { yes: { type: 'boolean' } },
  async run(call) {
    const { client, terminal, argument, options } = call;
    if (!textOf(options, 'why')?.trim()) throw usageError('Say why: --why "asked for by letter of 3 May".');
    if (!isSet(options, 'yes')) await terminal.confirm(`Forget ${argument} for good, with all their tickets?`);
    const asked = await client.post<ErasureView>('/ops/erasures', { person: argument });
    // It goes on by itself, so whoever loses sight of it has to know its name.
    terminal.say(`Erasure ${asked.id} is under way.`);
    return show(call, await untilDone(call, asked));
  },
};

export const showErasure: Command = {
  name: 'erasure',
  argument: '<id>',
  summary: 'how far an erasure is',
  help: '',
  options: {},
  async run(call) {
    return show(call, await call.client.get<ErasureView>(`/ops/erasures/${encodeURIComponent(call.argument ?? '')}`));
  },
};

async function untilDone({ client, terminal }: Call, asked: ErasureView): Promise<ErasureView> {
  let erasure = asked;
  for (let looks = 0; looks < LOOKS && !isSettled(erasure); looks++) {
    await sleep(LOOK_MS);
    erasure = await client.get<ErasureView>(`/ops/erasures/${asked.id}`);
    terminal.progress(
      erasure.services.map(({ service, state }) => `${service}: ${state.replace('_', ' ')}`).join(', '),
    );
  }
  return erasure;
}

/** Nobody is still at it: one that does not answer is not waited for. */
function isSettled({ services }: ErasureView): boolean {
  return services.every(({ state }) => state !== 'waiting');
}

function show({ terminal }: Call, erasure: ErasureView): number {
  const { id, services } = erasure;
  const rows = services.map(({ service, state, erasedAt, counts }) => [
    service,
    state.replace('_', ' '),
    moment(erasedAt),
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${count} ${what}`)
      .join(', ') || '-',
  ]);
  const left = services.filter(({ state }) => state !== 'erased').map(({ service }) => service);
  const rest =
    left.length === 0 ? [] : ['', `Not yet: ${left.join(', ')}. It goes on by itself: bellhop erasure ${id}`];
  const lines = [`Erasure ${id}`, '', table(['SERVICE', 'STATE', 'WHEN', 'ERASED'], rows), ...rest];
  terminal.show(lines.join('\n'), erasure);
  return left.length === 0 ? EXIT.done : EXIT.partly;
}

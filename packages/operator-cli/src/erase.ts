import { setTimeout as sleep } from 'node:timers/promises';
import type { ErasureView } from '@bellhop/contracts/http';
import { EXIT, usageError } from './cli.errors.js';
import { type Call, type Command, isSet, textOf } from './command.js';
import { moment, table } from './table.js';

const POLL_MS = 1_000;
/** Longer than an erasure takes when every service is up; otherwise it may take a day. */
const MAX_POLLS = 60;

export const erase: Command = {
  name: 'erase',
  argument: '<person>',
  summary: 'erases a person for good, in every service',
  help: `<person> is an e-mail address, an account of ours (user:<id>), or one of another system (crm:<id>). Their tickets are deleted with
all that anybody wrote in them. It cannot be undone. It needs --why, which must not name the person, because the audit keeps it.
  --yes              do not ask`,
  options: { yes: { type: 'boolean' } },
  async run(call) {
    const { client, terminal, argument, options } = call;
    if (!textOf(options, 'why')?.trim()) throw usageError('Say why: --why "asked for by letter of 3 May".');
    if (!isSet(options, 'yes')) await terminal.confirm(`Erase ${argument} for good, with all their tickets?`);
    const started = await client.post<ErasureView>('/ops/erasures', { person: argument });
    // It continues without us: the id is needed to look it up later.
    terminal.say(`Erasure ${started.id} has started.`);
    return show(call, await untilDone(call, started));
  },
};

export const showErasure: Command = {
  name: 'erasure',
  argument: '<id>',
  summary: 'the state of an erasure in each service',
  help: '',
  options: {},
  async run(call) {
    return show(call, await call.client.get<ErasureView>(`/ops/erasures/${encodeURIComponent(call.argument ?? '')}`));
  },
};

async function untilDone({ client, terminal }: Call, started: ErasureView): Promise<ErasureView> {
  let erasure = started;
  for (let polls = 0; polls < MAX_POLLS && !isSettled(erasure); polls++) {
    await sleep(POLL_MS);
    erasure = await client.get<ErasureView>(`/ops/erasures/${started.id}`);
    terminal.progress(
      erasure.services.map(({ service, state }) => `${service}: ${state.replace('_', ' ')}`).join(', '),
    );
  }
  return erasure;
}

/** No service is still working on it. A service that does not answer is not waited for. */
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
    left.length === 0 ? [] : ['', `Not yet: ${left.join(', ')}. It continues by itself: bellhop erasure ${id}`];
  const lines = [`Erasure ${id}`, '', table(['SERVICE', 'STATE', 'WHEN', 'ERASED'], rows), ...rest];
  terminal.show(lines.join('\n'), erasure);
  return left.length === 0 ? EXIT.done : EXIT.partly;
}

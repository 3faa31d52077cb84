import type { AddressInfo, Server } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { StartUpError } from '../start-up.errors.js';

/** Where a process listens: its own port, and the inner one for those who run it. */
export interface Ports {
  readonly PORT: number;
  readonly HOST: string;
  readonly OPS_PORT: number;
  readonly OPS_HOST: string;
}

/**
 * Opens both ports.
 *
 * @param app has the program itself listen
 * @throws StartUpError `port_taken`
 */
export async function listen(
  app: (port: number, host: string) => Promise<unknown>,
  ops: FastifyInstance,
  { PORT: port, HOST: host, OPS_PORT: opsPort, OPS_HOST: opsHost }: Ports,
): Promise<void> {
  if (port === opsPort && port !== 0) {
    const message = `Cannot start: PORT and OPS_PORT are both ${port}. Set one of them to another port.`;
    throw new StartUpError('port_taken', message);
  }
  await unlessTaken(app(port, host), `port ${port} on ${host}`, 'PORT');
  await unlessTaken(ops.listen({ port: opsPort, host: opsHost }), `port ${opsPort} on ${opsHost}`, 'OPS_PORT');
}

async function unlessTaken(listening: Promise<unknown>, place: string, setting: string): Promise<void> {
  try {
    await listening;
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') throw error;
    const message = `Cannot start: ${place} is taken. Stop what listens there, or set ${setting} to another one.`;
    throw new StartUpError('port_taken', message, { cause: error });
  }
}

/** `http://127.0.0.1:<port>`: where a server that listens can be reached from this machine. */
export function localUrl(server: Server): string {
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}

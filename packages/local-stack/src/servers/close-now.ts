import { once } from 'node:events';
import type { Server, Socket } from 'node:net';

/** Refuses new connections and ends those that are open. Resolves when the port is free again. */
export async function closeNow(server: Server, sockets: Iterable<Socket>): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

import {
  jsonLogger,
  listen,
  localUrl,
  Metrics,
  OpenRequests,
  opsServer,
  Readiness,
  Shutdown,
  stopOnSignals,
} from '@bellhop/http';
import type { FastifyInstance } from 'fastify';
import type { Config } from './config.js';
import { edgeServer } from './edge-server.js';
import { readSite } from './pages/site.js';
import { problemOfService, upstreamsOf } from './proxy/upstreams.js';
import { OpenId } from './sign-in/open-id.js';

export interface RunningEdge {
  /** `http://host:port` as it can be reached from this machine. */
  readonly url: string;
  /** The same of the inner port. */
  readonly opsUrl: string;
  /** Runs the shutdown phases; the process lives on. */
  stop(): Promise<void>;
}

/**
 * Runs the edge until a signal or `stop()`: pages, sign-in, and the way to the services.
 *
 * @param siteFolder the built pages; default: beside the program
 * @throws StartUpError when a port is taken, or there are no pages
 */
export async function runEdge(
  config: Config,
  siteFolder: URL = new URL('./site/', import.meta.url),
): Promise<RunningEdge> {
  const log = jsonLogger('portal', { level: config.LOG_LEVEL });
  const [readiness, metrics, openRequests, shutdown] = [
    new Readiness(),
    new Metrics('portal'),
    new OpenRequests(),
    new Shutdown(log),
  ];
  const site = readSite(siteFolder);
  const openId = new OpenId(config);
  const server = await edgeServer({ config, site, openId, readiness, metrics, openRequests, log });
  const ops = opsServer(readiness, metrics);
  for (const upstream of upstreamsOf(config)) readiness.addLesser(upstream.name, () => problemOfService(upstream));
  readiness.addLesser('openid', () => openId.problem());
  planShutdown(server, ops, { shutdown, readiness, openRequests }, stopOnSignals(shutdown, log));
  try {
    await listen((port, host) => server.listen({ port, host }), ops, config);
  } catch (error) {
    await shutdown.run();
    throw error;
  }
  const urls = { url: localUrl(server.server), opsUrl: localUrl(ops.server) };
  log.log({ message: 'listening', ...urls });
  return { ...urls, stop: () => shutdown.run() };
}

function planShutdown(
  server: FastifyInstance,
  ops: FastifyInstance,
  { shutdown, readiness, openRequests }: { shutdown: Shutdown; readiness: Readiness; openRequests: OpenRequests },
  stopListening: () => void,
): void {
  shutdown.add('stopTaking', 'readiness', () => readiness.stop());
  shutdown.add('streams', 'event streams', () => openRequests.endStreams());
  shutdown.add('requests', 'open requests', () => openRequests.refuseAndFinish());
  shutdown.add('http', 'http', () => server.close());
  shutdown.add('http', 'inner port', async () => {
    await ops.close();
    stopListening();
  });
}

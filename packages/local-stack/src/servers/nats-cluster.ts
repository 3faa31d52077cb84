import { join } from 'node:path';
import { temporaryFolder } from '../folders.js';
import { startOnFreePorts } from '../ports.js';
import { type Child, startChild, untilUp } from '../processes/child.js';
import { waitFor } from '../wait-for.js';
import { greeting, type NatsSetup, natsSetup } from './nats.js';
import type { NatsUser } from './nats-accounts.js';
import { natsBinary } from './nats-binary.js';
import { clusterView, hasWholeCluster, leaderIn } from './nats-cluster-view.js';

const CLUSTER = 'bellhop';

export interface NatsClusterOptions {
  /** How many servers. Default 3, the fewest of which one may be away. */
  size?: number;
  /** With the accounts and rights of `deploy/nats`, or (false, the default) one account in which everybody may do everything. */
  accounts?: boolean;
  /** `n1`, `n2`, … and what that server wrote. */
  onLine?: (line: string, server: string) => void;
}

export interface ClusterServer {
  /** `n1`, `n2`, …: what JetStream calls it when it names a leader. */
  readonly name: string;
  readonly port: number;
  isRunning(): boolean;
}

/** One of the servers, by its place (from 0) or by its name. */
type Which = number | string;

export interface NatsCluster {
  readonly servers: readonly ClusterServer[];
  /** Of each server, without credentials. With accounts, nobody gets in by them. */
  readonly urls: readonly string[];
  /** All servers, comma separated, each with the credentials of one user. Without accounts the user makes no difference. */
  urlFor(user: NatsUser): string;
  /** The name of the running server that leads a stream, or one of its consumers; waits while none does. */
  leaderOf(stream: string, consumer?: string): Promise<string>;
  /** `kill -9`. */
  kill(which: Which): Promise<void>;
  /** Stops one server in good order and keeps its data. What it led, it gives to others first. */
  pause(which: Which): Promise<void>;
  /** Starts one again, on the same ports, and waits until it has caught up with the others. */
  resume(which: Which): Promise<void>;
  /** Stops all for good, and deletes their data. */
  stop(): Promise<void>;
}

/**
 * Several NATS servers on loopback that are one JetStream cluster, each with a store of its own. Ready when all of them
 * follow one leader and have caught up with it, so that a stream with as many copies can be made at once.
 */
export async function startNatsCluster(options: NatsClusterOptions = {}): Promise<NatsCluster> {
  const anyPorts = Array<undefined>(3 * (options.size ?? 3)).fill(undefined);
  return (await startOnFreePorts(anyPorts, (ports) => start(options, ports))).started;
}

async function start(
  { size = 3, accounts = false, onLine }: NatsClusterOptions,
  ports: readonly number[],
): Promise<NatsCluster> {
  const folder = temporaryFolder('nats-cluster');
  const places = Array.from({ length: size }, (_, index) => ({
    name: `n${index + 1}`,
    port: ports[3 * index] as number,
    routePort: ports[3 * index + 1] as number,
    monitorPort: ports[3 * index + 2] as number,
  }));
  const routes = places.map(({ routePort }) => `nats://127.0.0.1:${routePort}`);
  const setup = natsSetup(folder.path, accounts);
  const nodes = places.map((place) => new Node({ ...place, routes, folder: folder.path, setup, onLine }));
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    folder.remove();
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
    await untilWhole(nodes);
  } catch (error) {
    await stop();
    throw error;
  }
  return clusterOf(nodes, setup, stop);
}

function clusterOf(nodes: readonly Node[], setup: NatsSetup, stop: () => Promise<void>): NatsCluster {
  const one = (which: Which): Node => {
    const node = typeof which === 'number' ? nodes[which] : nodes.find(({ name }) => name === which);
    if (!node) throw new Error(`There is no server ${which}: ${nodes.map(({ name }) => name).join(', ')}.`);
    return node;
  };
  const running = () => nodes.filter((node) => node.isRunning());
  return {
    servers: nodes,
    urls: nodes.map(({ port }) => `nats://127.0.0.1:${port}`),
    urlFor: (user) => nodes.map(({ port }) => setup.urlFor(user, port)).join(','),
    leaderOf: (stream, consumer) =>
      waitFor(async () => leaderIn(await Promise.all(running().map(({ view }) => view())), stream, consumer), {
        timeoutMs: 30_000,
        what: `a leader of ${consumer ? `consumer ${consumer} on ` : ''}stream ${stream}`,
      }),
    kill: (which) => one(which).stop('SIGKILL'),
    pause: (which) => one(which).stop(),
    async resume(which) {
      await one(which).resume();
      await untilWhole(running());
    },
    stop,
  };
}

/** Until these servers, and all that their leader knows, are up to date. */
function untilWhole(nodes: readonly Node[]): Promise<unknown> {
  return waitFor(async () => hasWholeCluster(await Promise.all(nodes.map(({ view }) => view()))), {
    timeoutMs: 60_000,
    what: 'the NATS servers to be one cluster',
  });
}

interface NodeOptions {
  name: string;
  port: number;
  routePort: number;
  monitorPort: number;
  routes: readonly string[];
  folder: string;
  setup: NatsSetup;
  onLine: ((line: string, server: string) => void) | undefined;
}

class Node implements ClusterServer {
  readonly name: string;
  readonly port: number;
  #child: Child | undefined;

  constructor(private readonly options: NodeOptions) {
    this.name = options.name;
    this.port = options.port;
  }

  isRunning(): boolean {
    return this.#child !== undefined && !this.#child.hasExited();
  }

  /** What it says about JetStream, read from its monitoring port. */
  readonly view = () => clusterView(this.name, this.options.monitorPort);

  /** Starts it again on its ports, should somebody else have them for a moment. */
  async resume(): Promise<void> {
    if (this.isRunning()) return;
    const { port, routePort, monitorPort } = this.options;
    await startOnFreePorts([port, routePort, monitorPort], () => this.start());
  }

  async start(): Promise<void> {
    const { name, port, routePort, monitorPort, routes, folder, setup, onLine } = this.options;
    const place = join(folder, name);
    const child = startChild({
      name: `NATS ${name}`,
      command: natsBinary(),
      args: [
        ...['--config', setup.configuration, '--store_dir', place, '--name', name],
        ...['--addr', '127.0.0.1', '--port', String(port), '--http_port', String(monitorPort)],
        ...['--cluster_name', CLUSTER, '--cluster', `nats://127.0.0.1:${routePort}`, '--routes', routes.join(',')],
      ],
      env: setup.env,
      onLine: onLine && ((line) => onLine(line, name)),
    });
    this.#child = child;
    await untilUp(`NATS ${name}`, child, () => greeting(port));
  }

  async stop(signal?: NodeJS.Signals): Promise<void> {
    await this.#child?.stop(signal);
  }
}

/** What one server of a cluster says about JetStream: https://docs.nats.io/running-a-nats-service/nats_admin/monitoring#jetstream-information-jsz */
export interface ClusterView {
  readonly server: string;
  /** It has caught up with the leader of all, and with the leaders of its streams. */
  readonly isHealthy: boolean;
  readonly meta?: {
    leader?: string;
    cluster_size: number;
    /** The others; only the leader knows. */
    replicas?: { current: boolean; offline?: boolean }[];
  };
  readonly streams: readonly (Led & { consumers: readonly Led[] })[];
}

/** A stream or a consumer, and who this server believes to lead it. */
interface Led {
  readonly name: string;
  readonly leader?: string;
}

interface Jsz {
  meta_cluster?: ClusterView['meta'];
  account_details?: {
    stream_detail?: {
      name: string;
      cluster?: { leader?: string };
      consumer_detail?: { name: string; cluster?: { leader?: string } }[];
    }[];
  }[];
}

function led({ name, cluster }: { name: string; cluster?: { leader?: string } }): Led {
  return { name, ...(cluster?.leader && { leader: cluster.leader }) };
}

export async function clusterView(server: string, monitorPort: number): Promise<ClusterView> {
  const ask = (path: string) => fetch(`http://127.0.0.1:${monitorPort}${path}`, { signal: AbortSignal.timeout(2_000) });
  const [health, answer] = await Promise.all([ask('/healthz'), ask('/jsz?accounts=true&streams=true&consumers=true')]);
  const jsz = (await answer.json()) as Jsz;
  const streams = (jsz.account_details ?? []).flatMap(({ stream_detail }) => stream_detail ?? []);
  return {
    server,
    isHealthy: health.ok,
    ...(jsz.meta_cluster && { meta: jsz.meta_cluster }),
    streams: streams.map((stream) => ({ ...led(stream), consumers: (stream.consumer_detail ?? []).map(led) })),
  };
}

/** Whether these servers follow one of them, and all but those that are known to be away are up to date. */
export function hasWholeCluster(views: readonly ClusterView[]): boolean {
  const leader = views[0]?.meta?.leader;
  if (!leader || !views.every(({ isHealthy, meta }) => isHealthy && meta?.leader === leader)) return false;
  const meta = views.find(({ server }) => server === leader)?.meta;
  const current = (meta?.replicas ?? []).filter((replica) => replica.current && !replica.offline);
  return current.length >= views.length - 1;
}

/** Who leads, in the words of the one who does: others may still believe in one that is gone. */
export function leaderIn(views: readonly ClusterView[], stream: string, consumer?: string): string | undefined {
  return views.find(({ server, streams }) => {
    const found = streams.find(({ name }) => name === stream);
    const asked = consumer ? found?.consumers.find(({ name }) => name === consumer) : found;
    return asked?.leader === server;
  })?.server;
}

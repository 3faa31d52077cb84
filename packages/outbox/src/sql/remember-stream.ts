import type { DedicatedConnection } from '@bellhop/postgres';

/**
 * Input: a stream, when it was made in the server's words, and consumers that still have to be built again. Result: it is
 * remembered, in place of what was. Lock: that row. Race: a crash before this statement leaves what was, and whoever is
 * active next looks again.
 *
 * @param createdAt null keeps what is remembered
 */
export async function rememberStream(
  session: DedicatedConnection,
  stream: string,
  createdAt: string | null,
  consumersToBuild: readonly unknown[],
): Promise<void> {
  await session.query(
    'outbox_remember_stream',
    `insert into outbox_streams as s (stream, stream_created_at, consumers_to_build)
     values ($1, $2, $3::jsonb)
     on conflict (stream) do update
       set stream_created_at = coalesce(excluded.stream_created_at, s.stream_created_at),
           consumers_to_build = excluded.consumers_to_build`,
    [stream, createdAt, JSON.stringify(consumersToBuild)],
  );
}

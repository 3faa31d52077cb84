import { type ServiceName, type StreamDefinition, streams } from '@bellhop/contracts/streams';
import { z } from 'zod';

const EXAMPLE = 'TICKETS=21474836480,INBOUND=10737418240';
const MIN_BYTES = 1024 * 1024;

/** `TICKETS=21474836480,…` → bytes by stream name. Names of other services' streams are allowed: they read the same setting. */
export const streamMaxBytes = z
  .string()
  .transform((text, context) => {
    const entries = text.split(',').map((entry) => /^\s*([A-Z0-9_]+)=(\d{1,15})\s*$/.exec(entry));
    const isGood = entries.every(
      (entry) => entry && Object.hasOwn(streams, entry[1] ?? '') && Number(entry[2]) >= MIN_BYTES,
    );
    if (isGood) return new Map(entries.map((entry) => [entry?.[1], Number(entry?.[2])]));
    const names = Object.keys(streams).join(', ');
    context.addIssue({
      code: 'custom',
      message: `must look like ${EXAMPLE}: bytes, 1 MiB at least, for any of ${names}`,
    });
    return z.NEVER;
  })
  .optional()
  .meta({ description: 'how large streams may grow, where the defaults do not fit', unit: 'bytes', example: EXAMPLE });

/** The streams that a service owns, as the contract defines them, with the sizes that its operator chose. */
export function ownStreams(owner: ServiceName, maxBytes: z.output<typeof streamMaxBytes>): StreamDefinition[] {
  return Object.values(streams)
    .filter((stream) => stream.owner === owner)
    .map((stream) => ({ ...stream, maxBytes: maxBytes?.get(stream.name) ?? stream.maxBytes }));
}

import { isAbsolute } from 'node:path';
import { configFields, integerField } from '@bellhop/http';
import { erasureKeysField, identityConfig, serviceConfig } from '@bellhop/service';
import { z } from 'zod';

const MEBIBYTE = 1024 * 1024;

const bytesField = (defaultBytes: number, description: string) =>
  integerField({ min: 1, max: 1e15 - 1, unit: 'bytes', description, example: String(defaultBytes) }).default(
    defaultBytes,
  );

const perDayField = (fallback: number, unit: string, description: string) =>
  integerField({ min: 1, max: 1_000_000, unit, description, example: String(fallback) }).default(fallback);

/** Every setting of this app, read from the environment once. */
export const configSchema = z.object({
  ...serviceConfig('tickets'),
  ...identityConfig,
  TRUSTED_PROXIES: configFields.TRUSTED_PROXIES,
  ERASURE_KEY: erasureKeysField,
  ATTACHMENTS_FOLDER: z.string().refine(isAbsolute, 'must be an absolute path').meta({
    description:
      'the folder of all attachments: for this database only, shared by all replicas, and not served by any web server',
    example: '/var/lib/bellhop/attachments',
  }),
  ATTACHMENTS_KEEP_FREE_BYTES: bytesField(256 * MEBIBYTE, 'the minimum free space on its disk'),
  ATTACHMENTS_PER_TICKET_BYTES: bytesField(200 * MEBIBYTE, 'the maximum total size of the files of one ticket'),
  ATTACHMENTS_UNSENT_BYTES: bytesField(
    200 * MEBIBYTE,
    'the maximum total size of files that one person has uploaded and not sent yet',
  ),
  ATTACHMENTS_PER_NETWORK_BYTES: bytesField(
    400 * MEBIBYTE,
    'the maximum size of uploads per day by one customer, or by people without an account from one IPv4 address or IPv6 /64; the networks around it (/24 or /56, /48, /16 or /32) have 2, 4 and 16 times as much',
  ),
  TICKETS_PER_PERSON: perDayField(
    100,
    'tickets',
    'the maximum number of tickets that one person with an account may file per day',
  ),
  MESSAGES_PER_PERSON: perDayField(
    500,
    'messages',
    'the maximum number of messages that one customer or guest may write per day',
  ),
  MAX_UNPROVEN_TICKETS: integerField({
    min: 1,
    max: 1_000_000,
    unit: 'tickets',
    description:
      'the maximum number of guest tickets with an unproven address; above it, networks that have filed one within a day are refused',
    example: '10000',
  }).default(10_000),
});

export type Config = z.output<typeof configSchema>;

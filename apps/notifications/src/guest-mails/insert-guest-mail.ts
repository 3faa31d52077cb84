import { OWN_SYSTEM } from '@bellhop/contracts/persons';
import type { DataSource } from 'typeorm';
import { AT_ONCE } from '../dispatch/delivery.js';
import { requesterRecipient } from '../planning/recipients.js';

/** A mail that a guest requested. Always over e-mail: it proves the mailbox. */
export interface GuestMail {
  /** A request makes one mail, however often it is repeated. */
  readonly requestId: string;
  readonly template: 'code' | 'link';
  readonly ticketId: string;
  readonly number: string;
  readonly email: string;
  readonly locale?: string | undefined;
  /** With `expiresAt`, for codes only. */
  readonly sealed?: Buffer;
  readonly expiresAt?: string;
}

/**
 * nothing → retrying, due now: as `pending` it would be merged with the digest for the same person and ticket. It has no event and
 * no version. A code is sent by itself, since deliveries in the same request would have to be repeated after it has expired.
 * in: the mail · out: whether it is new · lock: none · race: a second request with the same id waits for the
 * transaction of the first, and finds its row.
 */
export async function insertGuestMail(dataSource: Pick<DataSource, 'query'>, mail: GuestMail): Promise<boolean> {
  const { key } = requesterRecipient(OWN_SYSTEM, { kind: 'guest', email: mail.email });
  const rows: unknown[] = await dataSource.query(
    `with mail as (
       insert into deliveries (id, request_id, template, system, ticket_id, ticket_number, version, recipient_key,
         recipient_role, recipient_kind, endpoint, locale, channel, template_version, template_rank, replies, event_ids,
         priority, is_immediate, is_alone, state, reason, first_at, due_at, expires_at)
       values (uuidv7(), $1, $2, '${OWN_SYSTEM}', $3, $4, 0, $5,
         'requester', 'guest', $6, $7, 'email', 0, 0, 0, '{}',
         ${AT_ONCE}, true, $8::bytea is not null, 'retrying', 'asked_for', now(), now(), $9)
       on conflict (request_id, template) where request_id is not null do nothing
       returning id, expires_at
     ), code as (
       insert into sealed_codes (delivery_id, sealed, expires_at)
       select id, $8, expires_at from mail where $8::bytea is not null
     )
     select id from mail`,
    [
      mail.requestId,
      mail.template,
      mail.ticketId,
      mail.number,
      key,
      mail.email,
      mail.locale ?? null,
      mail.sealed ?? null,
      // Postgres accepts fewer offsets than the contract.
      mail.expiresAt ? new Date(mail.expiresAt).toISOString() : null,
    ],
  );
  return rows.length > 0;
}

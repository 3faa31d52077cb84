import { randomUUID } from 'node:crypto';
import type { FileTicketRequest, FileTicketResponse } from '@bellhop/contracts/http';
import type { Requester } from '@bellhop/contracts/persons';
import { temporarilyUnavailable } from '@bellhop/http';
import type { EntityManager } from 'typeorm';
import { attach, type Files } from '../attachments/attach.js';
import { TicketEntity } from './ticket.entity.js';
import { type Change, file } from './ticket.js';
import { drawTicketNumber } from './ticket-numbers.js';
import { emit, saveHistory, ticketRow } from './ticket-store.js';

/** With a million tickets one number in a thousand is taken; five taken in a row practically never happen. */
const DRAWS = 5;

export interface Filing {
  readonly requester: Requester;
  readonly request: FileTicketRequest;
  readonly files: Files;
  readonly now: Date;
  /** For tests: the source of numbers. */
  readonly draw?: () => string;
}

/** Files a ticket in the caller's transaction: number, first message, and the event unless the address is not proven yet. */
export async function fileTicket(manager: EntityManager, filing: Filing): Promise<FileTicketResponse> {
  const change = await insertWithFreeNumber(manager, filing);
  const { id, number, status } = change.ticket;
  const messageId = randomUUID();
  await saveHistory(manager, change, { id: messageId, kind: 'message', body: filing.request.body });
  await attach(manager, { ticketId: id, messageId }, filing.files);
  await emit(manager, change);
  return { id, number, status };
}

/** `on conflict do nothing`, because a failed insert would abort the transaction, which has to try again. */
async function insertWithFreeNumber(manager: EntityManager, filing: Filing): Promise<Change> {
  const { requester, request, now, draw = drawTicketNumber } = filing;
  const { category, subject } = request;
  const id = randomUUID();
  for (let tries = 0; tries < DRAWS; tries++) {
    const change = file({ id, number: draw(), category, requester }, now);
    const row = ticketRow({ ticket: change.ticket, subject });
    const insert = manager.createQueryBuilder().insert().into(TicketEntity).values(row).orIgnore().returning('id');
    if ((await insert.execute()).raw.length > 0) return change;
  }
  throw temporarilyUnavailable(`No free ticket number in ${DRAWS} draws. Send the request again.`);
}

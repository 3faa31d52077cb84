import { randomUUID } from 'node:crypto';
import type { FileTicketRequest, FileTicketResponse, User } from '@bellhop/contracts';
import { Problem, temporarilyUnavailable } from '@bellhop/service';
import type { EntityManager } from 'typeorm';
import { refuseAttachments } from './attachments.js';
import { TicketEntity } from './ticket.entity.js';
import { type Change, file } from './ticket.js';
import { drawTicketNumber } from './ticket-numbers.js';
import { emit, saveHistory, ticketRow } from './ticket-store.js';

/** With a million tickets one draw in a thousand is taken; five in a row are not seen in a lifetime. */
const DRAWS = 5;

export interface Filing {
  readonly requester: User;
  readonly request: FileTicketRequest;
  readonly now: Date;
  /** For tests: where numbers come from. */
  readonly draw?: () => string;
}

/** Files a ticket in the caller's transaction: number, first message, event. */
export async function fileTicket(manager: EntityManager, filing: Filing): Promise<FileTicketResponse> {
  refuseWhatIsNotThereYet(filing.request);
  const change = await insertWithFreeNumber(manager, filing);
  await saveHistory(manager, change, { id: randomUUID(), kind: 'message', body: filing.request.body });
  await emit(manager, change);
  const { id, number, status } = change.ticket;
  return { id, number, status };
}

/** `on conflict do nothing`, because a failed insert would end the transaction that has to try again. */
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

function refuseWhatIsNotThereYet(request: FileTicketRequest): void {
  if (request.guest) {
    throw new Problem(
      422,
      'guest_filing_unavailable',
      'Tickets of guests cannot be filed yet',
      'You are signed in: leave `guest` out, and the ticket is filed under your account.',
    );
  }
  refuseAttachments(request.attachmentIds);
}

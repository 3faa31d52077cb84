import { streamsReadBy } from '@bellhop/contracts/streams';
import { AddInboxContents, CreateInbox, CreateOutbox, CreateOutboxStreams } from '@bellhop/outbox';
import { CreateErasures, CreateIdempotencyKeys, RpcGuestSessions, type ServiceDefinition } from '@bellhop/service';
import { AttachmentEntity } from './attachments/attachment.entity.js';
import type { Config } from './config.js';
import { NoteEntity } from './desk/note.entity.js';
import { AddAttachments } from './migrations/add-attachments.js';
import { AddGuests } from './migrations/add-guests.js';
import { AddNetworksAround } from './migrations/add-networks-around.js';
import { AddPersonDays } from './migrations/add-person-days.js';
import { CreateTickets } from './migrations/create-tickets.js';
import { DropUnlinkedByAge } from './migrations/drop-unlinked-by-age.js';
import { IndexLists } from './migrations/index-lists.js';
import { IndexNotesByTime } from './migrations/index-notes-by-time.js';
import { KeepTypedAddresses } from './migrations/keep-typed-addresses.js';
import { StripKeptAnswers } from './migrations/strip-kept-answers.js';
import { PersonEntity } from './people/person.entity.js';
import { MessageEntity } from './tickets/message.entity.js';
import { TicketEntity } from './tickets/ticket.entity.js';
import { TimelineEntryEntity } from './tickets/timeline-entry.entity.js';
import { TicketsModule } from './tickets.module.js';

export const migrations = [
  CreateOutbox,
  CreateInbox,
  CreateOutboxStreams,
  AddInboxContents,
  CreateIdempotencyKeys,
  CreateTickets,
  AddGuests,
  AddAttachments,
  IndexLists,
  StripKeptAnswers,
  KeepTypedAddresses,
  AddPersonDays,
  CreateErasures,
  AddNetworksAround,
  DropUnlinkedByAge,
  IndexNotesByTime,
];
export const entities = [PersonEntity, TicketEntity, MessageEntity, TimelineEntryEntity, NoteEntity, AttachmentEntity];

/** The definition of this app. */
export function ticketsService(config: Config): ServiceDefinition {
  return {
    name: 'tickets',
    guestSessions: RpcGuestSessions,
    migrations,
    entities,
    consumes: streamsReadBy('tickets'),
    modules: [TicketsModule.configured(config)],
  };
}

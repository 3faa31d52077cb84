import { randomUUID } from 'node:crypto';
import type { NoteView } from '@bellhop/contracts/http';
import type { User } from '@bellhop/contracts/persons';
import type { EntityManager } from 'typeorm';
import { ticketNotFound } from '../tickets/ticket-access.js';
import { ticketChanges } from '../tickets/ticket-changes.js';
import { NoteEntity } from './note.entity.js';

export interface NewNote {
  readonly ticketId: string;
  readonly author: User;
  readonly body: string;
  readonly now: Date;
}

/**
 * Notes are not part of the ticket: writing one changes neither its version nor its place in a list, and publishes nothing. Open pages of agents are
 * told, and nobody else.
 */
export async function writeNote(manager: EntityManager, { ticketId, author, body, now }: NewNote): Promise<NoteView> {
  const id = randomUUID();
  await manager.insert(NoteEntity, { id, ticketId, authorId: author.id, body, createdAt: now });
  ticketChanges.note(manager, { id: ticketId, version: 0 });
  return { id, author: author.email ?? author.id, body, createdAt: now.toISOString() };
}

/** Oldest first. */
export async function readNotes(manager: EntityManager, ticketId: string): Promise<NoteView[]> {
  const notes = await manager.find(NoteEntity, {
    where: { ticketId },
    relations: { author: true },
    order: { createdAt: 'ASC', id: 'ASC' },
  });
  return notes.map(noteView);
}

/** @throws Problem 404 `ticket_not_found`: a note is deleted only with its ticket */
export async function readNote(manager: EntityManager, id: string): Promise<NoteView> {
  const note = await manager.findOne(NoteEntity, { where: { id }, relations: { author: true } });
  if (!note) throw ticketNotFound();
  return noteView(note);
}

function noteView({ id, author, body, createdAt }: NoteEntity): NoteView {
  return { id, author: author.email ?? author.id, body, createdAt: createdAt.toISOString() };
}

import { randomUUID } from 'node:crypto';
import type { NoteView, User } from '@bellhop/contracts';
import type { EntityManager } from 'typeorm';
import { NoteEntity } from './note.entity.js';

export interface NewNote {
  readonly ticketId: string;
  readonly author: User;
  readonly body: string;
  readonly now: Date;
}

/** Notes are no part of the ticket: writing one changes neither its version nor its place in any list, and tells nobody. */
export async function writeNote(manager: EntityManager, { ticketId, author, body, now }: NewNote): Promise<NoteView> {
  const id = randomUUID();
  await manager.insert(NoteEntity, { id, ticketId, authorId: author.id, body, createdAt: now });
  return { id, author: author.email ?? author.id, body, createdAt: now.toISOString() };
}

/** Oldest first. */
export async function readNotes(manager: EntityManager, ticketId: string): Promise<NoteView[]> {
  const notes = await manager.find(NoteEntity, {
    where: { ticketId },
    relations: { author: true },
    order: { createdAt: 'ASC', id: 'ASC' },
  });
  return notes.map(({ id, author, body, createdAt }) => ({
    ...{ id, author: author.email ?? author.id, body },
    createdAt: createdAt.toISOString(),
  }));
}

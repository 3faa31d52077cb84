import type { Actor } from '@bellhop/contracts/persons';
import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One fact that changed a ticket, kept to show what happened when. */
@Entity('timeline_entries')
export class TimelineEntryEntity {
  @PrimaryColumn('uuid', { name: 'ticket_id' })
  ticketId: string;

  @PrimaryColumn('integer')
  version: number;

  /** Name of the event without context and version: `replied`. */
  @Column('text')
  type: string;

  @Column('text')
  by: Actor['kind'];

  @Column('text', { name: 'by_id', nullable: true })
  byId: string | null;

  @Column('timestamptz')
  at: Date;
}

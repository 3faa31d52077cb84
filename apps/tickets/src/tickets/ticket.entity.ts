import type { Category, Priority, TicketStatus } from '@bellhop/contracts/events';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { PersonEntity } from '../people/person.entity.js';

@Entity('tickets')
export class TicketEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  number: string;

  @Column('text')
  status: TicketStatus;

  @Column('text')
  category: Category;

  @Column('text')
  priority: Priority;

  @Column('integer')
  version: number;

  @Column('integer', { name: 'seen_version' })
  seenVersion: number;

  @Column('text')
  subject: string;

  @Column('text', { name: 'requester_id' })
  requesterId: string;

  @ManyToOne(() => PersonEntity)
  @JoinColumn({ name: 'requester_id' })
  requester: PersonEntity;

  /** The language that a guest filed it in. */
  @Column('text', { name: 'requester_locale', nullable: true })
  requesterLocale: string | null;

  /** The address that a guest filed it with, as typed: mails go there. Null in tickets older than this column. */
  @Column('text', { name: 'requester_address', nullable: true })
  requesterAddress: string | null;

  @Column('text', { name: 'assignee_id', nullable: true })
  assigneeId: string | null;

  @ManyToOne(() => PersonEntity, { nullable: true })
  @JoinColumn({ name: 'assignee_id' })
  assignee: PersonEntity | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;

  @Column('timestamptz', { name: 'updated_at' })
  updatedAt: Date;
}

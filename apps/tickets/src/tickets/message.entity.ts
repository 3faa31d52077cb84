import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One public entry of the conversation. */
@Entity('messages')
export class MessageEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'ticket_id' })
  ticketId: string;

  /** Version of the ticket that this message made; gives the conversation its order. */
  @Column('integer')
  version: number;

  @Column('text')
  kind: 'message' | 'information_request' | 'resolution';

  @Column('text')
  author: 'customer' | 'agent';

  @Column('text', { name: 'author_id' })
  authorId: string;

  @Column('text')
  body: string;

  /** With an information request: until when the answer is needed. */
  @Column('timestamptz', { name: 'due_at', nullable: true })
  dueAt: Date | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

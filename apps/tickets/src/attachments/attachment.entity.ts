import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One file. Its content lies in the storage; whose it is, and what it belongs to, is here alone. */
@Entity('attachments')
export class AttachmentEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** `user:…`, `guest:…` or `browser:…`: who alone may read it, and put it into a message, until it is in one. */
  @Column('text')
  uploader: string;

  /** Null while it arrives, as are name and type. */
  @Column('text', { nullable: true })
  key: string | null;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('text', { nullable: true })
  type: string | null;

  /** While it arrives: how large it may become. */
  @Column('integer', { name: 'size_bytes' })
  sizeBytes: number;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  /** Among those of its message, from 1. */
  @Column('integer', { nullable: true })
  position: number | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

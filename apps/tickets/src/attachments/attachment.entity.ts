import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One file. The storage has its content; its owner and its message are only here. */
@Entity('attachments')
export class AttachmentEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** `user:…`, `guest:…` or `browser:…`: the only one who may read and send it until it is in a message. */
  @Column('text')
  uploader: string;

  /** Null during the upload, as are name and type. */
  @Column('text', { nullable: true })
  key: string | null;

  @Column('text', { nullable: true })
  name: string | null;

  @Column('text', { nullable: true })
  type: string | null;

  /** During the upload: its upper bound. */
  @Column('integer', { name: 'size_bytes' })
  sizeBytes: number;

  @Column('uuid', { name: 'message_id', nullable: true })
  messageId: string | null;

  /** Position among the files of its message, from 1. */
  @Column('integer', { nullable: true })
  position: number | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt: Date;
}

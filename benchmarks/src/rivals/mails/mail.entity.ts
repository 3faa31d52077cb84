import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** The record that a mail was asked for, and whether it was sent. */
@Entity()
export class Mail {
  /** The event's, so that an event which comes again finds its row. */
  @PrimaryColumn('uuid')
  id: string;

  @Column()
  ticket: string;

  @Column()
  recipient: string;

  @Column()
  state: 'pending' | 'sent';

  @CreateDateColumn()
  createdAt: Date;

  @UpdateDateColumn()
  updatedAt: Date;
}

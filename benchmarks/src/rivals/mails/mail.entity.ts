import { Column, CreateDateColumn, Entity, PrimaryColumn, UpdateDateColumn } from 'typeorm';

/** The record of a requested mail, and whether it was sent. */
@Entity()
export class Mail {
  /** The event's id, so that a repeated event finds its row. */
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

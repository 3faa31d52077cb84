import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody with an account, as their latest tokens say: requester, agent, or both. Or a guest, of whom only the address is known. */
@Entity('people')
export class PersonEntity {
  /** `sub` of the OpenID provider; a guest's is made of the address (`personKey`). */
  @PrimaryColumn('text')
  id: string;

  @Column('text')
  kind: 'user' | 'guest';

  /** Whether their token had the role `agent`; only then can a ticket be assigned to them. */
  @Column('boolean', { name: 'is_agent' })
  isAgent: boolean;

  @Column('text', { nullable: true })
  email: string | null;

  @Column('text', { nullable: true })
  locale: string | null;

  @Column('text', { nullable: true })
  timezone: string | null;

  /** Of a guest: when a ticket was last filed with the address. */
  @Column('timestamptz', { name: 'changed_at' })
  changedAt: Date;
}

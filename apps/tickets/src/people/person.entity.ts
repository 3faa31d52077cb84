import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Somebody with an account, as their tokens told last: requester, agent, or both. */
@Entity('people')
export class PersonEntity {
  /** `sub` of the OpenID provider. */
  @PrimaryColumn('text')
  id: string;

  /** Whether their token had the role `agent`; only then can a ticket be assigned to them. */
  @Column('boolean', { name: 'is_agent' })
  isAgent: boolean;

  @Column('text', { nullable: true })
  email: string | null;

  @Column('text', { nullable: true })
  locale: string | null;

  @Column('text', { nullable: true })
  timezone: string | null;

  @Column('timestamptz', { name: 'changed_at' })
  changedAt: Date;
}

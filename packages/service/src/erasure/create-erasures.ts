import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who was to be erased, as a keyed hash, and what was. Kept for ever; small. */
export class CreateErasures implements MigrationInterface {
  name = 'CreateErasures1796210000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table erasures (
        id           uuid           primary key,
        person_hash  text           not null,
        requested_at timestamptz(3) not null,
        -- When this service heard of it: from then on nobody finds the person, and soon after it is erased.
        heard_at     timestamptz(3) not null default now(),
        erased_at    timestamptz(3),
        counts       jsonb          not null default '{}'
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table erasures');
  }
}

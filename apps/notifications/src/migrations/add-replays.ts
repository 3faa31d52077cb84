import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators look for, and the dead letters that they have sent on. */
export class AddReplays implements MigrationInterface {
  readonly name = 'AddReplays1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    // Without the states of an ordinary way, so that a mail that simply arrives never touches it.
    await runner.query(`
      create index deliveries_stuck on deliveries (id)
      where state in ('dead', 'skipped', 'retrying', 'unknown')`);
    // A stream that was made anew counts from 1 again: a letter is known by its number and its time.
    await runner.query(`
      create table redrives (
        sequence bigint not null,
        parked_at timestamptz not null,
        is_repaired boolean not null,
        redriven_by text not null,
        redriven_at timestamptz not null default now(),
        primary key (sequence, parked_at)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table redrives');
    await runner.query('drop index deliveries_stuck');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What each person has filed and written on a day; goes with the person, and when the day is over. */
export class AddPersonDays implements MigrationInterface {
  name = 'AddPersonDays1796200000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `create table person_days (
         person_id text references people on delete cascade on update cascade,
         day date,
         tickets integer not null default 0,
         messages integer not null default 0,
         primary key (person_id, day)
       )`,
    );
    await runner.query('create index person_days_over on person_days (day)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table person_days');
  }
}

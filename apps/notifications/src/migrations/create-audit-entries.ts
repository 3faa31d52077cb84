import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What operators did and looked at. The database itself refuses to change or forget a line. */
export class CreateAuditEntries implements MigrationInterface {
  readonly name = 'CreateAuditEntries1796100000010';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table audit_entries (
        id uuid primary key default uuidv7(),
        at timestamptz not null default now(),
        actor text not null,
        action text not null,
        target jsonb not null,
        reason text
      )`);
    await runner.query('create index audit_entries_of_actor on audit_entries (actor, id)');
    await runner.query(`
      create function audit_entries_stay() returns trigger language plpgsql as $$
      begin
        raise exception 'audit_entries is append-only' using errcode = 'insufficient_privilege';
      end $$`);
    await runner.query(`
      create trigger audit_entries_stay before update or delete or truncate on audit_entries
        for each statement execute function audit_entries_stay()`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table audit_entries');
    await runner.query('drop function audit_entries_stay');
  }
}

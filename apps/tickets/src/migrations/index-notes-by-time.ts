import type { MigrationInterface, QueryRunner } from 'typeorm';

export class IndexNotesByTime implements MigrationInterface {
  name = 'IndexNotesByTime1796300000000';

  async up(runner: QueryRunner): Promise<void> {
    // For whether one was written lately (hints/has-desk-changed.ts).
    await runner.query('create index notes_by_time on notes (created_at)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index notes_by_time');
  }
}

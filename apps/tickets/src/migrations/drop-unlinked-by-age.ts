import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Files in no message are found by their uploader; only housekeeping queried by age. With statistics from a moment when all files were in
 * messages, the planner took that index for empty, and each upload and each message with files scanned it whole.
 */
export class DropUnlinkedByAge implements MigrationInterface {
  name = 'DropUnlinkedByAge1796220000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('drop index attachments_unlinked');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('create index attachments_unlinked on attachments (created_at) where message_id is null');
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What else waits for the same person and ticket is found by the folding index, as far as it is pending. Only the few that are
 * tried again need another: for every mail it cost as much to keep up as the folding index itself.
 */
export class IndexRetrying implements MigrationInterface {
  readonly name = 'IndexRetrying1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    // First: it locks the table for itself alone. Afterwards, it would wait for a replica that waits for the other one.
    await runner.query('drop index deliveries_waiting');
    await runner.query(`
      create index deliveries_retrying on deliveries (recipient_key, system, ticket_id) where state = 'retrying'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index deliveries_retrying');
    await runner.query(`
      create index deliveries_waiting on deliveries (recipient_key, ticket_id, system, channel)
      where state in ('pending', 'retrying')`);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  // The wider networks around `network`, kept as long as it is. Older rows count for their own network only.
  'alter table attachments add column around text[]',
  `update attachments set around = array[network] where network like '%/%'`,
  'create index attachments_around on attachments using gin (around) where around is not null',

  // From which network a ticket was filed, for a day: when too many tickets are unproven, networks that have filed are refused first.
  'alter table guest_filings add column networks text[]',
  'create index guest_filings_of_networks on guest_filings using gin (networks) where networks is not null',
];

export class AddNetworksAround implements MigrationInterface {
  name = 'AddNetworksAround1796220000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table guest_filings drop column networks');
    await runner.query('alter table attachments drop column around');
  }
}

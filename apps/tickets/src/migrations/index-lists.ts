import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = [
  'drop index tickets_of_requester, tickets_of_assignee, tickets_by_status, tickets_by_category, tickets_by_activity',
  // A list is put together from groups, each read from one of these, newest activity first (tickets/ticket-list.ts).
  'create index tickets_of_requester on tickets (requester_id, status, updated_at desc, id desc)',
  'create index tickets_of_assignee on tickets (assignee_id, status, category, updated_at desc, id desc)',
  // A separate index: with `is null` the other one is not read in order.
  'create index tickets_of_nobody on tickets (status, category, updated_at desc, id desc) where assignee_id is null',
  'create index tickets_by_group on tickets (status, category, updated_at desc, id desc)',

  // An assignee is looked up by address, agent still or not.
  'create index people_address on people (lower(email))',
  'drop index people_agent_address',
];

const DOWN = [
  'create index people_agent_address on people (lower(email)) where is_agent',
  'drop index people_address',
  'drop index tickets_of_requester, tickets_of_assignee, tickets_of_nobody, tickets_by_group',
  'create index tickets_of_requester on tickets (requester_id, updated_at desc, id desc)',
  'create index tickets_of_assignee on tickets (assignee_id, updated_at desc, id desc)',
  'create index tickets_by_status on tickets (status, updated_at desc, id desc)',
  'create index tickets_by_category on tickets (category, updated_at desc, id desc)',
  'create index tickets_by_activity on tickets (updated_at desc, id desc)',
];

export class IndexLists implements MigrationInterface {
  name = 'IndexLists1796100000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of UP) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const statement of DOWN) await runner.query(statement);
  }
}

import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Answers that were kept with words, names and addresses in them keep their ids and plain facts (tickets/repeated-answers.ts). */
export class StripKeptAnswers implements MigrationInterface {
  name = 'StripKeptAnswers1796200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      update idempotency_keys
         set response = response - '{author,body,attachments,subject,requester,name}'::text[]
           || case when response->'assignee'->'id' is null then '{}'
                   else jsonb_build_object('assignee', jsonb_build_object('id', response->'assignee'->'id')) end
       where jsonb_typeof(response) = 'object'`);
  }

  async down(): Promise<void> {}
}

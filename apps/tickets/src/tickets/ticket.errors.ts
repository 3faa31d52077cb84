const SENTENCES = {
  ticket_closed: 'The ticket is closed. Reopen it first (POST …/reopening), then write.',
  ticket_already_resolved: 'The ticket is resolved already. Send the text as a reply (POST …/replies).',
  ticket_unverified: 'The address of the requester is not proven yet. Nothing can be done before that.',
  due_in_the_past: '`dueAt` has passed already. Choose a time that lies ahead, or leave it out.',
} as const;

export type TicketRuleCode = keyof typeof SENTENCES;

/** A command that the rules of a ticket refuse. `message` says what to do instead. */
export class TicketRuleError extends Error {
  constructor(readonly code: TicketRuleCode) {
    super(SENTENCES[code]);
    this.name = 'TicketRuleError';
  }
}

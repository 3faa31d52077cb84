import type { ListedTicketView, MessageView } from '@bellhop/contracts/http';
import type { Upload } from '../customers/ticket/use-uploads.js';
import type { Pending } from '../shared/outbox.js';

const HOUR_MS = 3_600_000;
const at = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

const file = {
  id: 'file',
  name: 'a statement with a long name, as banks give them.pdf',
  type: 'application/pdf',
  sizeBytes: 212_000,
};

function ticket(status: ListedTicketView['status'], answerBy: string | null, unread: number): ListedTicketView {
  return {
    id: `${status}-${answerBy}`,
    number: '7K4M2Q',
    subject:
      unread > 0
        ? 'Withdrawal has not arrived'
        : 'Name is spelled wrong in the statement of last March, on all its pages',
    status,
    category: 'deposit-withdrawal',
    priority: 'normal',
    version: 3,
    promise: null,
    createdAt: at(-48),
    updatedAt: at(-30),
    isYourTurn: status === 'waiting',
    answerBy,
    unread,
    lastMessage: {
      by: unread > 0 ? 'agent' : 'customer',
      excerpt: 'Could you send the transaction id as text …',
      at: at(-1),
    },
  };
}

export const tickets: readonly ListedTicketView[] = [
  ticket('unverified', null, 0),
  ticket('waiting', null, 1),
  ticket('waiting', at(26), 1),
  ticket('waiting', at(-3), 1),
  ticket('open', null, 0),
  ticket('open', at(3), 0),
  ticket('open', at(-3), 0),
  ticket('resolved', null, 1),
  ticket('closed', null, 0),
];

const message = (id: string, kind: MessageView['kind'], author: MessageView['author']): MessageView => ({
  ...{ id, kind, author, attachments: [], createdAt: at(-20) },
  body: 'Please look at https://example.com/a?b=1 and at https://ex\u0430mple.com/.\n\nhttp://example.com is no link.',
});
export const ownMessage: MessageView = { ...message('own', 'message', 'customer'), attachments: [file] };
export const agentMessages = (['message', 'information_request', 'resolution'] as const).map((kind) =>
  message(kind, kind, 'agent'),
);

const pending = { body: 'It left at 11:05', files: [], at: 0, before: [] };
export const pendings: readonly Pending[] = [
  { ...pending, key: 'sending', state: 'sending' },
  { ...pending, key: 'sent', state: 'sent', messageId: 'm' },
  { ...pending, key: 'failed', state: 'failed', reason: 'unreachable', files: [file] },
  { ...pending, key: 'closed', state: 'failed', reason: 'ticket_closed' },
];

const upload = (id: string, more: Partial<Upload>): Upload => ({
  ...{ id, file: new File([], `${id}.png`), progress: 0, problem: null, canRetry: false },
  ...more,
});
export const uploads: readonly Upload[] = [
  upload('under way', { progress: 0.6 }),
  upload('too large', { problem: 'file.tooLarge' }),
  upload('of another type', { problem: 'file.type' }),
  upload('lost', { problem: 'problem.unreachable', canRetry: true }),
];

export const problems = [
  [0, 'unreachable'],
  [401, 'sign_in_required'],
  [404, 'ticket_not_found'],
  [500, 'internal_error'],
] as const;

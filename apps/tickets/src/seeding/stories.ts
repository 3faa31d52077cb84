import type { Category } from '@bellhop/contracts/events';

type Step =
  | {
      hours: number;
      by: 'agent' | 'customer';
      does: 'reply' | 'answer' | 'request_information' | 'resolve';
      text: string;
    }
  | { hours: number; by: 'agent' | 'customer'; does: 'assign' | 'close' | 'see' };

/** A ticket and its later steps, in hours after it was filed. */
export interface Story {
  readonly id: string;
  readonly number: string;
  readonly requester: 'ada' | 'jan' | 'rosa' | 'lukas';
  readonly hoursAgo: number;
  readonly category: Category;
  readonly subject: string;
  readonly body: string;
  readonly steps: readonly Step[];
}

/** One ticket in each state, as people write them. Their ids are fixed, so that seeding twice adds nothing. */
export const stories: readonly Story[] = [
  {
    id: '5eed0000-0000-4000-8000-000000000001',
    number: '5EED01',
    requester: 'ada',
    hoursAgo: 20,
    category: 'deposit-withdrawal',
    subject: 'Withdrawal pending since yesterday',
    body: 'I asked for 250 EUR yesterday at 14:10 (transaction W-88213). It still says "pending". Usually it takes an hour.',
    steps: [
      { hours: 1, by: 'agent', does: 'assign' },
      {
        hours: 2,
        by: 'agent',
        does: 'reply',
        text: 'Thank you for the transaction id. The bank is late today; we watch it.',
      },
      { hours: 3, by: 'customer', does: 'see' },
      { hours: 18, by: 'customer', does: 'answer', text: 'It is still not there. Is there anything I should do?' },
    ],
  },
  {
    id: '5eed0000-0000-4000-8000-000000000002',
    number: '5EED02',
    requester: 'ada',
    hoursAgo: 52,
    category: 'account-security',
    subject: 'Cannot sign in after changing my phone',
    body: 'The codes of the new phone are refused. The old phone is gone.',
    steps: [
      { hours: 1, by: 'agent', does: 'assign' },
      {
        hours: 4,
        by: 'agent',
        does: 'request_information',
        text: 'When did you change the phone, and from which country do you sign in? Please send no password and no code.',
      },
    ],
  },
  {
    id: '5eed0000-0000-4000-8000-000000000003',
    number: '5EED03',
    requester: 'ada',
    hoursAgo: 120,
    category: 'other',
    subject: 'Where is the yearly statement?',
    body: 'I need the statement of last year for my taxes.',
    steps: [
      {
        hours: 5,
        by: 'agent',
        does: 'resolve',
        text: 'It is under Account → Documents → Statements, as a PDF for each year.',
      },
      { hours: 9, by: 'customer', does: 'see' },
    ],
  },
  {
    id: '5eed0000-0000-4000-8000-000000000004',
    number: '5EED04',
    requester: 'jan',
    hoursAgo: 3,
    category: 'trading',
    subject: 'Zlecenie nie zostało zrealizowane',
    body: 'Zlecenie z limitem z godziny 9:15 nadal czeka, chociaż kurs był niższy. Numer zlecenia: 771204.',
    steps: [],
  },
  {
    id: '5eed0000-0000-4000-8000-000000000005',
    number: '5EED05',
    requester: 'jan',
    hoursAgo: 300,
    category: 'promotions',
    subject: 'Premia powitalna',
    body: 'Kiedy zostanie dopisana premia powitalna?',
    steps: [
      {
        hours: 2,
        by: 'agent',
        does: 'reply',
        text: 'Premia jest dopisywana następnego dnia roboczego po pierwszej wpłacie.',
      },
      { hours: 30, by: 'customer', does: 'answer', text: 'Już jest, dziękuję!' },
      { hours: 31, by: 'agent', does: 'resolve', text: 'Cieszymy się. Miłego dnia!' },
      { hours: 32, by: 'customer', does: 'close' },
    ],
  },
  {
    id: '5eed0000-0000-4000-8000-000000000006',
    number: '5EED06',
    requester: 'rosa',
    hoursAgo: 8,
    category: 'account-security',
    subject: 'I get codes that I did not ask for',
    body: 'Since this morning I have had three mails with sign-in codes for an account. I have no account with you.',
    steps: [
      { hours: 1, by: 'agent', does: 'assign' },
      {
        hours: 2,
        by: 'agent',
        does: 'request_information',
        text: 'Thank you for telling us. At what times did the mails come? Please do not send us the codes.',
      },
      { hours: 3, by: 'customer', does: 'see' },
      { hours: 4, by: 'customer', does: 'answer', text: 'At 7:02, 7:03 and 7:15. None since then.' },
    ],
  },
  {
    id: '5eed0000-0000-4000-8000-000000000007',
    number: '5EED07',
    requester: 'lukas',
    hoursAgo: 1,
    category: 'promotions',
    subject: 'Gilt der Bonus auch ohne Konto?',
    body: 'Auf Ihrer Seite steht ein Bonus für Neukunden. Muss ich das Konto vor oder nach der Einzahlung eröffnen?',
    steps: [],
  },
];

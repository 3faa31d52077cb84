import { TICKET_STATUSES } from '@bellhop/contracts/events';
import { describe, expect, it } from '@jest/globals';
import type { Viewer } from '../people/viewer.js';
import { type Action, type Judged, may, mayUseDesk } from './ticket-policy.js';

const ACTIONS: Record<Action, 'guest' | 'own' | 'desk' | 'prove'> = {
  prove: 'prove',
  read: 'guest',
  answer: 'guest',
  see: 'guest',
  close: 'own',
  reopen: 'own',
  read_at_desk: 'desk',
  reply: 'desk',
  request_information: 'desk',
  resolve: 'desk',
  note: 'desk',
  assign: 'desk',
  close_at_desk: 'desk',
  reopen_at_desk: 'desk',
};

const HERE = 't-1';
const user = (id: string, isAgent = false): Viewer => ({ kind: 'user', id, isAgent });
const guest = (email: string, ...ticketIds: string[]): Viewer => ({ kind: 'guest', email, ticketIds });

const VIEWERS = {
  owner: user('ada'),
  'owner who is an agent': user('ada', true),
  'another customer': user('jan'),
  'an agent': user('mira', true),
  'the guest of the ticket': guest('jana@example.com', 't-0', HERE),
  'the guest of the ticket, by a session that has not opened it': guest('jana@example.com', 't-0'),
  'a guest by a session that names the ticket of another address': guest('eve@example.com', HERE),
  'a guest who calls himself as the user does': guest('ada', HERE),
  'a user who is called as the guest is': user('jana@example.com'),
  'a user who is called as the key of the guest': user('guest:jana@example.com'),
  nobody: null,
} as const;
type Who = keyof typeof VIEWERS;

const REQUESTERS = {
  user: { kind: 'user', id: 'ada', email: 'jana@example.com' },
  guest: { kind: 'guest', email: 'Jana@Example.com' },
} as const satisfies Record<string, Judged['requester']>;

/** All who may do something, by requester, kind of action and whether the address is proven. Everybody else may not. */
const ALLOWED: Record<string, readonly Who[]> = {
  'user own proven': ['owner', 'owner who is an agent'],
  'user guest proven': ['owner', 'owner who is an agent'],
  'user desk proven': ['owner who is an agent', 'an agent'],
  'guest guest proven': ['the guest of the ticket'],
  'guest desk proven': ['owner who is an agent', 'an agent'],
  'guest prove unproven': ['the guest of the ticket'],
};

const cells = Object.keys(REQUESTERS).flatMap((requester) =>
  Object.keys(VIEWERS).flatMap((who) =>
    TICKET_STATUSES.flatMap((status) =>
      Object.entries(ACTIONS).map(([action, kind]) => ({
        requester: requester as keyof typeof REQUESTERS,
        who: who as Who,
        status,
        action: action as Action,
        kind,
      })),
    ),
  ),
);

describe('S19 the policy', () => {
  it.each(Object.keys(VIEWERS) as Who[])('says of each action on each ticket whether %s may', (viewer) => {
    for (const { requester, who, status, action, kind } of cells.filter(({ who }) => who === viewer)) {
      // A ticket of somebody with an account is never unproven.
      if (requester === 'user' && status === 'unverified') continue;
      const row = `${requester} ${kind} ${status === 'unverified' ? 'unproven' : 'proven'}`;
      const expected = ALLOWED[row]?.includes(who) ?? false;
      const ticket = { id: HERE, requester: REQUESTERS[requester], status };
      expect({ who, action, status, requester, may: may(VIEWERS[who], action, ticket) }).toEqual({
        ...{ who, action, status, requester },
        may: expected,
      });
    }
  });

  it('lets a guest close, reopen and do at the desk nothing at all', () => {
    const session = VIEWERS['the guest of the ticket'];
    const ticket = { id: HERE, requester: REQUESTERS.guest, status: 'open' } as const;
    const allowed = (Object.keys(ACTIONS) as Action[]).filter((action) => may(session, action, ticket));
    expect(allowed).toEqual(['read', 'answer', 'see']);
    expect(mayUseDesk(session)).toBe(false);
  });
});

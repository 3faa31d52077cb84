import {
  accountIdentity,
  addressIdentity,
  normaliseAddress,
  OWN_SYSTEM,
  type Requester,
  type User,
} from '@bellhop/contracts/persons';
import { alertRuleOf } from './alerts.js';
import type { Fact } from './fact.js';

/** `requester` and `assignee` are people of the ticket; `team` is the agents' shared mailbox. */
export type Role = 'requester' | 'assignee' | 'team';

/** Somebody who may have to be notified of a fact. */
export interface Recipient {
  /** `<system>:user:<id>`, `<system>:guest:<address>`, `<system>:agent:<id>` or `<system>:team`: no system can name another's people. */
  readonly key: string;
  readonly role: Role;
  readonly kind: 'user' | 'guest' | 'agent';
  readonly id?: string | undefined;
  /** The mailbox, if the event names one. Each channel derives its endpoint from the recipient. */
  readonly email?: string | undefined;
  readonly locale?: string | undefined;
  readonly timezone?: string | undefined;
}

/**
 * The people who may have to be notified of a fact, in a stable order. The shared mailbox of our agents is for our own tickets
 * only: another system's agents are the ones that it names as assignees.
 */
export function recipientsOf(fact: Fact, agentsAddress: string | undefined): Recipient[] {
  const { assignee } = fact.event.data;
  const team = fact.system === OWN_SYSTEM && agentsAddress ? teamRecipient(agentsAddress) : undefined;
  const agent = assignee && assigneeRecipient(fact.system, assignee);
  return (alertRuleOf(fact.event.type)?.audience ?? [])
    .map((who) => {
      if (who === 'requester') return requesterRecipient(fact.system, fact.event.data.requester);
      if (who === 'assignee') return agent;
      if (who === 'team') return team;
      return agent ?? team;
    })
    .filter((recipient) => recipient !== undefined);
}

/**
 * The account with which a person signs in to our pages, as `sub` of their token; null of guests, of the team and of people of
 * another system, whose ids are not ours.
 */
export function accountOf({ key, kind, role, id }: Recipient): string | null {
  return role !== 'team' && kind !== 'guest' && key.startsWith(`${OWN_SYSTEM}:`) ? (id ?? null) : null;
}

/**
 * Whether a recipient is the actor. With us an account is one person in every role; another system may count its agents and its customers
 * apart, so that one id there is one person in the same role only.
 */
export function isActor({ system, event }: Fact, { kind, id, role }: Recipient): boolean {
  const { actor } = event.data;
  if (kind === 'guest' || id === undefined || actor.id !== id) return false;
  if (actor.kind === 'agent') return system === OWN_SYSTEM || role === 'assignee';
  return actor.kind === 'customer' && (system === OWN_SYSTEM || role === 'requester');
}

/** The identities by which the register of erased people knows a requester. */
export function identitiesOf(system: string, requester: Requester): string[] {
  const mailbox = requester.email === undefined ? [] : [addressIdentity(requester.email)];
  return requester.kind === 'user' ? [accountIdentity(system, requester.id), ...mailbox] : mailbox;
}

const PERSONAL_KEY = /^([^:]+):(guest|user|agent):(.+)$/s;

/** The identity in the key of a recipient; null for a team, which is no person. */
export function identityOfKey(key: string): string | null {
  const [, system = '', kind, who = ''] = PERSONAL_KEY.exec(key) ?? [];
  if (kind === undefined) return null;
  return kind === 'guest' ? addressIdentity(who) : accountIdentity(system, who);
}

/**
 * Under which key a recipient's settings and mutes are kept: with us an account is one person in every role, another system may count its
 * agents and its customers apart. Null for a team, which is no person.
 */
export function personKeyOf(recipientKey: string): string | null {
  const [, system = '', kind, who = ''] = PERSONAL_KEY.exec(recipientKey) ?? [];
  if (kind === undefined) return null;
  return system === OWN_SYSTEM && kind === 'agent' ? accountKey(who) : recipientKey;
}

/** {@link personKeyOf} of an account of ours. */
export function accountKey(account: string): string {
  return `${OWN_SYSTEM}:user:${account}`;
}

export function requesterKey(system: string, requester: Requester): string {
  if (requester.kind === 'user') return `${system}:user:${requester.id}`;
  return `${system}:guest:${normaliseAddress(requester.email)}`;
}

export function requesterRecipient(system: string, requester: Requester): Recipient {
  const key = requesterKey(system, requester);
  const { email, locale } = requester;
  if (requester.kind === 'guest') return { key, role: 'requester', kind: 'guest', email, locale };
  const { id, timezone } = requester;
  return { key, role: 'requester', kind: 'user', id, email, locale, timezone };
}

function assigneeRecipient(system: string, { id, email, locale, timezone }: User): Recipient {
  return { key: `${system}:agent:${id}`, role: 'assignee', kind: 'agent', id, email, locale, timezone };
}

function teamRecipient(email: string): Recipient {
  return { key: `${OWN_SYSTEM}:team`, role: 'team', kind: 'agent', email };
}

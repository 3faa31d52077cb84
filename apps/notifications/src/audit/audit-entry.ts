import { createHmac } from 'node:crypto';
import { normaliseAddress } from '@bellhop/contracts/persons';

/** An audit entry of one request, without who made it and when. */
export interface AuditEntry {
  /** Method and route, such as `GET /ops/deliveries/:id`. */
  readonly action: string;
  /** What it was about: parameters, query, and the members of the body that select something; never content. */
  readonly target: Readonly<Record<string, unknown>>;
  readonly reason: string | null;
}

export interface AuditedRequest {
  readonly method: string;
  readonly route: string;
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  /** The header `Audit-Reason`, percent-encoded where it is not ASCII. */
  readonly reason: string | undefined;
}

/** Members of a body that select something. Others may hold content: a repaired event, for instance. */
const SELECTING = ['filter', 'isAgain', 'isDryRun', 'limit', 'person', 'system'] as const;
const MAX_VALUE_LENGTH = 200;
const MAX_REASON_LENGTH = 500;
const MAX_DEPTH = 3;

/** @param key makes the marks of addresses: without it, whoever can read the table could test addresses against them */
export function auditEntry(request: AuditedRequest, key: Buffer): AuditEntry {
  const body = membersOf(request.body).filter(([name]) => SELECTING.some((one) => one === name));
  const target = Object.fromEntries([...membersOf(request.params), ...membersOf(request.query), ...body]);
  return {
    action: `${request.method} ${request.route}`,
    target: withoutAddresses(target, key) as Record<string, unknown>,
    reason: reasonOf(request.reason),
  };
}

/** What the audit stores instead of an address: the same for each spelling of it. */
export function addressMark(address: string, key: Buffer): string {
  return `address:${createHmac('sha256', key)
    .update(`audit ${normaliseAddress(address.trim())}`)
    .digest('hex')
    .slice(0, 32)}`;
}

/** The same for a person to be erased, who is named by address or by account. */
function personMark(person: string, key: Buffer): string {
  if (person.includes('@')) return addressMark(person, key);
  return `account:${createHmac('sha256', key).update(`audit account ${person.trim()}`).digest('hex').slice(0, 32)}`;
}

function membersOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function withoutAddresses(value: unknown, key: Buffer, depth = 0): unknown {
  if (typeof value === 'string') return value.includes('@') ? addressMark(value, key) : storable(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_DEPTH || Array.isArray(value)) return '…';
  return Object.fromEntries(
    membersOf(value).map(([name, member]) => [
      name.includes('@') ? addressMark(name, key) : storable(name),
      name === 'person' && typeof member === 'string'
        ? personMark(member, key)
        : withoutAddresses(member, key, depth + 1),
    ]),
  );
}

/** Postgres stores neither NUL nor half a surrogate pair. A request may contain both, and cutting a text may leave such a half. */
function storable(text: string): string {
  return text
    .slice(0, MAX_VALUE_LENGTH)
    .replace(/\p{Cs}/gu, '\ufffd')
    .replaceAll('\u0000', '\ufffd');
}

/** Null when it has no visible text. */
export function reasonOf(header: string | undefined): string | null {
  const text = decoded(header ?? '')
    .replace(/\p{Cc}+/gu, ' ')
    .trim();
  return text === '' ? null : text.slice(0, MAX_REASON_LENGTH);
}

function decoded(header: string): string {
  try {
    return decodeURIComponent(header);
  } catch {
    return header;
  }
}

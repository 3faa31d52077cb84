import type { Evidence, Feedback, ProviderMail } from '../checker/evidence.js';

/** How a provider can fail. `silence`: it accepts a request and never answers. */
export const MISBEHAVIOURS = ['lost_answers', 'errors', 'silence', 'throttling', 'refused_connections'] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** A mail provider: a real server of its protocol that keeps every mail and can be told to misbehave. */
export interface StormProvider {
  readonly kind: Evidence['provider'];
  readonly port: number;
  /** `EMAIL_URL` of an app that reaches it through this port. */
  urlThrough(port: number): string;
  /** More settings of the app that sends through it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Addresses that bounce: it accepts the mail and reports the bounce later. */
  readonly refusedAddresses: readonly string[];
  /** Where it sends webhooks, if it has any; null: nowhere. */
  reportTo(url: string | null): Promise<void>;
  misbehave(how: Misbehaviour, seed: number): Promise<void>;
  behave(): Promise<void>;
  mails(): Promise<ProviderMail[]>;
  /** The newest one-time code that was sent to a guest, if there is one yet. */
  codeFor(address: string): Promise<string | undefined>;
  /** Its reports, and whether they were acknowledged; undefined for a provider without webhooks. */
  feedback(): Promise<Feedback[] | undefined>;
  /** Whether no webhook waits to be sent. */
  isAtRest(): Promise<boolean>;
  stop(): Promise<void>;
}

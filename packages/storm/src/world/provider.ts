import type { Evidence, Feedback, ProviderMail } from '../checker/evidence.js';

/** How a provider can go wrong. `silence`: it takes a request and never answers. */
export const MISBEHAVIOURS = ['lost_answers', 'errors', 'silence', 'throttling', 'refused_connections'] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** What takes the mails: a real server of its protocol that forgets nothing and can be told to misbehave. */
export interface StormProvider {
  readonly kind: Evidence['provider'];
  readonly port: number;
  /** `EMAIL_URL` of an app that reaches it through this port. */
  urlThrough(port: number): string;
  /** More settings of the app that sends over it. */
  readonly settings: Readonly<Record<string, string>>;
  /** Addresses at which no mail arrives: it takes the mail and says so later. */
  readonly refusedAddresses: readonly string[];
  /** Where what becomes of mails is reported to, for one that does; null: to nobody. */
  reportTo(url: string | null): Promise<void>;
  misbehave(how: Misbehaviour, seed: number): Promise<void>;
  behave(): Promise<void>;
  mails(): Promise<ProviderMail[]>;
  /** The newest one-time code that a guest was sent, if there is one yet. */
  codeFor(address: string): Promise<string | undefined>;
  /** What it has reported and what was acknowledged; undefined for one that reports nothing. */
  feedback(): Promise<Feedback[] | undefined>;
  /** Nothing waits to be reported. */
  isAtRest(): Promise<boolean>;
  stop(): Promise<void>;
}

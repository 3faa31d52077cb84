import type { Evidence, ProviderMail } from '../checker/evidence.js';

/** How a provider can go wrong. `silence`: it takes a request and never answers. */
export const MISBEHAVIOURS = ['lost_answers', 'errors', 'silence', 'throttling', 'refused_connections'] as const;
export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

/** What takes the mails: a real server of its protocol that forgets nothing and can be told to misbehave. */
export interface StormProvider {
  readonly kind: Evidence['provider'];
  readonly port: number;
  /** `EMAIL_URL` of an app that reaches it through this port. */
  urlThrough(port: number): string;
  misbehave(how: Misbehaviour, seed: number): Promise<void>;
  behave(): Promise<void>;
  count(): Promise<number>;
  mails(): Promise<ProviderMail[]>;
  stop(): Promise<void>;
}

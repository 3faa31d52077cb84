/** What a push service says is wrong; the names are Apple's where Apple has one. */
export type PushReason =
  | 'BadEncoding'
  | 'BadJwtToken'
  | 'BadPayload'
  | 'BadTopic'
  | 'BadTtl'
  | 'BadUrgency'
  | 'MissingProviderToken'
  | 'MissingTtl'
  | 'PayloadTooLarge'
  | 'Unregistered'
  | 'VapidPkHashMismatch';

/** Why a push was not taken. The message is one sentence. */
export class PushProblem extends Error {
  constructor(
    readonly status: number,
    readonly reason: PushReason,
    message: string,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

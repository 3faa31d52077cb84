/** A delivery that no link can be had for. The message names neither ticket nor address. */
export class LinkError extends Error {
  override readonly name = 'LinkError';

  constructor(
    readonly code: 'no_link',
    message: string,
  ) {
    super(message);
  }
}

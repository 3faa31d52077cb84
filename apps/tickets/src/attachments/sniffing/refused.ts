/** Why a file is not taken, as far as its bytes tell. */
export type Why =
  | 'unknown'
  | 'archive'
  | 'macros'
  | 'embedded'
  | 'remote'
  | 'unreadable'
  | 'before_pdf'
  | 'page'
  | 'program'
  | 'charset'
  | 'control_characters';

/** A file that was recognised, as one that is not taken. */
export class Refused {
  constructor(readonly why: Why) {}
}

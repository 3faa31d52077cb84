/** The bytes of a file, wherever they lie. */
export interface Bytes {
  readonly sizeBytes: number;
  /** As many bytes as there are from `position` on, at most `length`. */
  read(position: number, length: number): Promise<Buffer>;
}

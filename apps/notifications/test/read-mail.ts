import PostalMime, { decodeWords } from 'postal-mime';

export interface ReadMail {
  subject: string;
  text: string;
  html: string;
  /** Every header, its value unfolded and decoded. */
  headers: { key: string; value: string }[];
  /** The unfolded value of a header, by its lower-case name. */
  header(name: string): string | undefined;
}

/** A mail as a mail client reads it. */
export async function readMail(raw: Buffer): Promise<ReadMail> {
  const mail = await PostalMime.parse(raw);
  return {
    subject: mail.subject ?? '',
    text: mail.text ?? '',
    html: mail.html ?? '',
    headers: mail.headers.map(({ key, value }) => ({ key, value: decodeWords(value) })),
    header: (name) => mail.headers.find(({ key }) => key === name)?.value,
  };
}

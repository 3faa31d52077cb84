import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createSocket } from 'node:dgram';

const SELECTOR = 'mail';
/** What real signers sign of a mail of ours (RFC 6376 §5.4.1, RFC 8058 §4). */
const SIGNED = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'In-Reply-To', 'List-Unsubscribe', 'X-Delivery-ID'];
const LINE_BREAK = '\r\n';
const HEAD_BYTES = 12;

export interface MailSigner {
  /** Its name server, for `DNS_SERVERS`. */
  readonly nameServer: string;
  /** A mail as the mail server of its sender hands it on: with a DKIM signature (RFC 6376, RFC 8463). */
  signed(mail: string): string;
  stop(): Promise<void>;
}

/** What stands between us and a mailbox in earnest: a mail server that signs, and the DNS with its key. */
export async function startMailSigner(domain: string): Promise<MailSigner> {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const key = Buffer.from(publicKey.export({ format: 'jwk' }).x as string, 'base64url').toString('base64');
  const socket = createSocket('udp4');
  socket.on('message', (query, { port, address }) => {
    socket.send(answerTo(query, `v=DKIM1; k=ed25519; p=${key}`), port, address);
  });
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));

  const signed = (mail: string): string => {
    const text = mail.replace(/\r?\n/g, LINE_BREAK);
    const end = text.indexOf(LINE_BREAK + LINE_BREAK);
    const body = `${text.slice(end + 4).replace(/(\r\n)+$/, '')}${LINE_BREAK}`;
    const fields = text.slice(0, end).split(/\r\n(?![ \t])/);
    const chosen = SIGNED.flatMap((name) => fields.find((field) => field.startsWith(`${name}:`)) ?? []);
    const names = chosen.map((field) => field.split(':')[0]).join(':');
    const bodyHash = createHash('sha256').update(body, 'latin1').digest('base64');
    const unsigned = `DKIM-Signature: v=1; a=ed25519-sha256; d=${domain}; s=${SELECTOR}; h=${names}; bh=${bodyHash}; b=`;
    const input = [...chosen, unsigned].join(LINE_BREAK);
    const signature = sign(null, createHash('sha256').update(input, 'latin1').digest(), privateKey);
    return `${unsigned}${signature.toString('base64')}${LINE_BREAK}${text}`;
  };
  return {
    nameServer: `127.0.0.1:${socket.address().port}`,
    signed,
    stop: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

/** One TXT record, for any question (RFC 1035 §4). */
function answerTo(query: Buffer, record: string): Buffer {
  const head = Buffer.from(query.subarray(0, HEAD_BYTES));
  head.writeUInt16BE(0x8180, 2);
  head.writeUInt16BE(1, 6);
  head.writeUInt32BE(0, 8);
  const question = query.subarray(HEAD_BYTES, query.indexOf(0, HEAD_BYTES) + 5);
  const data = Buffer.from([record.length, ...Buffer.from(record)]);
  // The name as a pointer to the question, TXT, IN, a minute.
  return Buffer.concat([head, question, Buffer.from([0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length]), data]);
}

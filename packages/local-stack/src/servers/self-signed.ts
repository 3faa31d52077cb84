import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';

/** A key and a certificate, both in PEM. */
export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_ID = 0x06;
const UTF8 = 0x0c;
const UTC_TIME = 0x17;
/** 2.5.4.3 */
const COMMON_NAME = Buffer.from('550403', 'hex');
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = Buffer.from('2a8648ce3d040302', 'hex');

/**
 * A certificate that nobody but its own key has signed, as a mail server makes one for itself when it is installed. X.509 v1 (RFC 5280
 * §4.1): the name is all that it says. Node can check certificates, but not make them.
 */
export function selfSigned(name: string): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = der(SEQUENCE, der(SET, der(SEQUENCE, der(OBJECT_ID, COMMON_NAME), der(UTF8, Buffer.from(name)))));
  const algorithm = der(SEQUENCE, der(OBJECT_ID, ECDSA_WITH_SHA256));
  const content = der(
    SEQUENCE,
    // Positive, whatever the bytes are.
    der(INTEGER, Buffer.from([1]), randomBytes(8)),
    algorithm,
    subject,
    der(SEQUENCE, utcTime(2020), utcTime(2049)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = der(BIT_STRING, Buffer.from([0]), sign('sha256', content, privateKey));
  const lines =
    der(SEQUENCE, content, algorithm, signature)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    cert: ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n'),
  };
}

/** Tag, length, value (X.690 §8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const bytes = value.length < 256 ? [value.length] : [value.length >> 8, value.length & 255];
  const length = value.length < 128 ? bytes : [0x80 + bytes.length, ...bytes];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function utcTime(year: number): Buffer {
  return der(UTC_TIME, Buffer.from(`${String(year).slice(2)}0101000000Z`));
}

import { describe, expect, it } from '@jest/globals';
import { decrypt, readSealed } from './push-message.js';

const bytes = (text: string) => Buffer.from(text, 'base64url');

/** The example of RFC 8291, 5 and appendix A. */
const RECEIVER = {
  publicKey: bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4'),
  privateKey: bytes('q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94'),
  authSecret: bytes('BTBZMqHH6r4Tts7J_aSIgg'),
};
const BODY = bytes(
  'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
);

describe('a push message', () => {
  it('of RFC 8291 is decrypted', () => {
    expect(decrypt(readSealed(BODY), RECEIVER).toString()).toBe('When I grow up, I want to be a watermelon');
  });

  it.each([0, 20, 86, BODY.length - 17, BODY.length - 1])('is not decrypted when byte %i is another one', (index) => {
    const changed = Buffer.from(BODY);
    changed[index] = (changed[index] as number) ^ 1;
    expect(() => decrypt(readSealed(changed), RECEIVER)).toThrow();
  });

  it('is not decrypted with the keys of another browser', () => {
    const other = { ...RECEIVER, authSecret: Buffer.alloc(16, 1) };
    expect(() => decrypt(readSealed(BODY), other)).toThrow('It cannot be decrypted: it is not for the keys');
  });

  it.each<[string, Buffer]>([
    ['it is shorter than its head and one empty record', BODY.subarray(0, 102)],
    ['the key in its head has 64 bytes instead of 65', replaced(20, 64)],
    ['the key in its head is no point of P-256', replaced(40, (BODY[40] as number) ^ 1)],
    ['it has more than one record', replaced(18, 0)],
  ])('is refused because %s', (why, body) => {
    expect(() => readSealed(body)).toThrow(`The body is no push message in aes128gcm: ${why}.`);
  });
});

function replaced(index: number, byte: number): Buffer {
  const body = Buffer.from(BODY);
  body[index] = byte;
  return body;
}

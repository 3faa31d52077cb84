import type { AttachmentType } from '@bellhop/contracts/constants';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');
const JPEG = Buffer.from('ffd8ff', 'hex');

/** ISO/IEC 23008-12, annex B, and the AV1 image file format: who wrote the file, in the order in which we look. */
const BRANDS: readonly (readonly [AttachmentType, RegExp])[] = [
  ['image/avif', /^avi[fs]$/],
  ['image/heic', /^(?:hei[cxms]|hev[cxms])$/],
  ['image/heif', /^(?:mif1|msf1)$/],
];

/**
 * Some writers put a byte order mark or white space in front, and readers allow it (PDF Reference 1.7, appendix H.3, note 13). They
 * would allow other bytes as well, but those could make another file of it, too.
 */
const PDF = /^(?:\xef\xbb\xbf|[\0\t\n\f\r ])*%PDF-\d/;

/** Types that begin with bytes of their own, where they must: at the very beginning. */
export function sniffSignature(head: Buffer): AttachmentType | null {
  if (head.subarray(0, PNG.length).equals(PNG)) return 'image/png';
  if (head.subarray(0, JPEG.length).equals(JPEG)) return 'image/jpeg';
  const text = head.toString('latin1');
  if (/^GIF8[79]a/.test(text)) return 'image/gif';
  if (/^RIFF.{4}WEBPVP8[ LX]/s.test(text)) return 'image/webp';
  if (PDF.test(text)) return 'application/pdf';
  return text.slice(4, 8) === 'ftyp' ? imageOfBrands(head, text) : null;
}

/** A film has the same container, and other brands. */
function imageOfBrands(head: Buffer, text: string): AttachmentType | null {
  const boxBytes = Math.min(head.readUInt32BE(0), head.length);
  const brands = [text.slice(8, 12), ...(text.slice(16, boxBytes).match(/.{4}/gs) ?? [])];
  const isFilm = /^(?:isom|iso\d|mp4\d|qt {2}|M4[AVP] )$/.test(brands[0] as string);
  if (isFilm) return null;
  return BRANDS.find(([, brand]) => brands.some((one) => brand.test(one)))?.[0] ?? null;
}

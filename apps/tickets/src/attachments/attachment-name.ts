import { ATTACHMENT_TYPES, type AttachmentType } from '@bellhop/contracts/constants';

const MAX_LENGTH = 120;
/** In UTF-8; file systems allow 255, and some programs append something while they save. */
const MAX_BYTES = 240;
const NAMELESS = 'file';

/** Path separators, and what Windows allows in no name. */
const RESERVED = /[\\/:*?"<>|]/g;
/** Names of devices there, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)/i;

/**
 * The name under which a file is shown and saved: what the sender called it, without folders, invisible characters and those
 * that turn the direction of writing (`\u202Egnp.exe` reads as `exe.png`), and with an extension that says what it is.
 */
export function attachmentName(given: string, type: AttachmentType): string {
  const extensions: readonly string[] = ATTACHMENT_TYPES[type];
  const name = cleaned(given);
  const extension = /\.([^.]*)$/.exec(name)?.[1] ?? '';
  const fits = extensions.includes(extension.toLowerCase());
  const stem = fits ? name.slice(0, -extension.length - 1) : name;
  const suffix = `.${fits ? extension : extensions[0]}`;
  return `${shortened(stem, suffix.length)}${suffix}`;
}

function cleaned(given: string): string {
  const name = given
    .normalize('NFC')
    .replace(/^.*[\\/]/s, '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\ufffd]/gu, '')
    .replace(/\s+/g, ' ')
    .replace(RESERVED, '_')
    .replace(/^[. ~-]+/, '')
    .replace(/[. ]+$/, '');
  return DEVICE.test(name) ? `_${name}` : name;
}

function shortened(stem: string, suffixLength: number): string {
  const characters = [...stem].slice(0, MAX_LENGTH - suffixLength);
  while (Buffer.byteLength(characters.join('')) > MAX_BYTES - suffixLength) characters.pop();
  const kept = characters.join('').replace(/[. ]+$/, '');
  return kept === '' ? NAMELESS : kept;
}

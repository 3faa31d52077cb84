/** The smallest files of each type that programs would open, or at least take for one. Nothing here is copied from a real one. */

const hex = (text: string) => Buffer.from(text.replace(/\s/g, ''), 'hex');

/** A black pixel. */
export const png = () =>
  Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==', 'base64');

export const jpeg = () =>
  Buffer.concat([hex('ffd8ffe0 0010'), Buffer.from('JFIF\0'), hex('0101 0000 0001 0001 0000 ffd9')]);

export const gif = (after = '') =>
  Buffer.concat([
    Buffer.from('GIF89a'),
    hex('0100 0100 00 00 00 2c 0000 0000 0100 0100 00 02 01 44 00 3b'),
    Buffer.from(after),
  ]);

export const webp = () =>
  Buffer.concat([
    Buffer.from('RIFF'),
    hex('1a000000'),
    Buffer.from('WEBPVP8L'),
    hex('0d000000 2f00000010071011118888fe0700'),
  ]);

export const isoMedia = (...brands: [string, ...string[]]) => {
  const box = Buffer.from(`ftyp${brands[0]}\0\0\0\0${brands.slice(1).join('')}`, 'latin1');
  const size = Buffer.alloc(4);
  size.writeUInt32BE(box.length + 4);
  return Buffer.concat([size, box, hex('00000008'), Buffer.from('mdat')]);
};

export const pdf = (inside = '') =>
  Buffer.from(`%PDF-1.4\n${inside}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`);

/** A ZIP whose entries are not compressed. */
export function zip(entries: Record<string, string>): Buffer {
  const [files, directory]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const [name, content] of Object.entries(entries)) {
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt32LE(content.length, 18);
    local.writeUInt32LE(content.length, 22);
    local.writeUInt16LE(name.length, 26);
    const entry = Buffer.alloc(46);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt32LE(content.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    files.push(local, Buffer.from(name + content, 'latin1'));
    directory.push(entry, Buffer.from(name, 'latin1'));
    offset += local.length + name.length + content.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(entries).length, 8);
  end.writeUInt16LE(Object.keys(entries).length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}

/** A relationship of a package, as an `.rels` part holds it. */
export const relationship = (kind: string, target: string, mode = 'External') =>
  `<?xml version="1.0"?><Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${kind}" TargetMode="${mode}" Target="${target}"/></Relationships>`;

export const ooxml = (part: string, more: Record<string, string> = {}) =>
  zip({ '[Content_Types].xml': '<Types/>', '_rels/.rels': '<Relationships/>', [part]: '<x/>', ...more });

export const openDocument = (kind: string, more: Record<string, string> = {}) =>
  zip({ mimetype: `application/vnd.oasis.opendocument.${kind}`, 'content.xml': '<x/>', ...more });

/** What a table of before 2007 says of its sheets (MS-XLS §2.4.28), behind `before` bytes of something else. */
function sheetRecords(kinds: readonly number[], before: number): Buffer {
  const record = (type: number, content: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16LE(type, 0);
    head.writeUInt16LE(content.length, 2);
    return Buffer.concat([head, content]);
  };
  const sheets = kinds.map((kind) =>
    record(0x85, Buffer.concat([hex('00000000 00'), Buffer.from([kind]), hex('0100 41')])),
  );
  return Buffer.concat([
    record(0x809, Buffer.alloc(16)),
    record(0x31, Buffer.alloc(before)),
    ...sheets,
    record(0x0a, hex('')),
  ]);
}

/** An xls with these kinds of sheets: 0 is a table, 1 a sheet of Excel 4 macros. Small ones lie in the stream of small streams. */
export function xls(kinds: readonly number[], { name = 'Workbook', before = 0, broken = false } = {}): Buffer {
  const content = sheetRecords(kinds, before);
  const isMini = content.length < 4_096;
  const [first, sectors] = [isMini ? 3 : 2, Math.ceil(content.length / 512)];
  const file = Buffer.alloc(512 * (1 + first + sectors));
  hex('d0cf11e0a1b11ae1').copy(file);
  hex('3e00 0300 feff 0900 0600').copy(file, 24);
  const word = (value: number, at: number) => file.writeUInt32LE(value, at);
  word(1, 44);
  word(1, 48);
  word(isMini ? 2 : 0xfffffffe, 60);
  word(0xfffffffe, 68);
  file.fill(0xff, 80, 512);
  file.fill(0xff, 512, 1_024);
  word(0xfffffffd, 512);
  word(0xfffffffe, 516);
  const chain = (at: number, begin: number, length: number) => {
    for (let n = 0; n < length; n++) word(n === length - 1 ? 0xfffffffe : begin + n + 1, at + (begin + n) * 4);
  };
  chain(512, first, broken ? 1 : sectors);
  if (isMini) {
    word(0xfffffffe, 520);
    file.fill(0xff, 1_536, 2_048);
    chain(1_536, 0, broken ? 1 : Math.ceil(content.length / 64));
  }
  const entry = (n: number, called: string, start: number, size: number, child: number) => {
    const at = 1_024 + n * 128;
    file.write(called, at, 'utf16le');
    file.writeUInt16LE(called.length * 2 + 2, at + 64);
    file.fill(0xff, at + 68, at + 80);
    word(child, at + 76);
    word(start, at + 116);
    word(size, at + 120);
  };
  entry(0, 'Root Entry', isMini ? first : 0xfffffffe, isMini ? sectors * 512 : 0, 1);
  entry(1, name, isMini ? 0 : first, content.length, 0xffffffff);
  content.copy(file, 512 * (1 + first));
  return file;
}

/** A compound file with empty streams in its root, and below them those of `deeper`; the directory takes as many sectors as it needs. */
export function ole(inRoot: readonly string[], deeper: readonly string[] = []): Buffer {
  const names = ['Root Entry', ...inRoot, ...deeper];
  const sectors = Math.ceil(names.length / 4);
  const header = Buffer.alloc(512, 0xff);
  hex('d0cf11e0a1b11ae1').copy(header);
  header.fill(0, 8, 24);
  hex('3e00 0300 feff 0900 0600').copy(header, 24);
  header.fill(0, 34, 76);
  header.writeUInt32LE(1, 44);
  header.writeUInt32LE(1, 48);
  header.writeUInt32LE(0xfffffffe, 60);
  header.writeUInt32LE(0xfffffffe, 68);
  header.writeUInt32LE(0, 76);
  const table = Buffer.alloc(512, 0xff);
  table.writeUInt32LE(0xfffffffd, 0);
  for (let n = 1; n <= sectors; n++) table.writeUInt32LE(n === sectors ? 0xfffffffe : n + 1, n * 4);
  const directory = Buffer.alloc(sectors * 512);
  names.forEach((name, n) => {
    const at = n * 128;
    directory.write(name, at, 'utf16le');
    directory.writeUInt16LE(name.length * 2 + 2, at + 64);
    directory.writeUInt8(n === 0 ? 5 : 2, at + 66);
    directory.fill(0xff, at + 68, at + 80);
    const isInRoot = n > 0 && n <= inRoot.length;
    if (isInRoot && n < inRoot.length) directory.writeUInt32LE(n + 1, at + 72);
    if (n === 0 && inRoot.length > 0) directory.writeUInt32LE(1, at + 76);
    if (n === 1 && deeper.length > 0) directory.writeUInt32LE(inRoot.length + 1, at + 76);
  });
  return Buffer.concat([header, table, directory]);
}

/** As `sniff` reads a file. */
export function bytesOf(content: string | Buffer) {
  const bytes = Buffer.from(content as string);
  return {
    sizeBytes: bytes.length,
    read: async (position: number, length: number) => bytes.subarray(position, position + length),
  };
}

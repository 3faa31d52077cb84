/**
 * Headers of a download: the browser saves the file and never shows it in a page of ours. If it shows it after all, then as its
 * recognised type, in a sandbox that loads nothing.
 */
export function contentHeaders({ name, type, sizeBytes }: { name: string; type: string; sizeBytes: number }) {
  return {
    'content-type': type.startsWith('text/') ? `${type}; charset=utf-8` : type,
    'content-length': String(sizeBytes),
    'content-disposition': disposition(name),
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'accept-ranges': 'none',
  };
}

/** RFC 6266 §5: the name twice, in ASCII and for clients that know RFC 8187. */
function disposition(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^\x20-\x7e]|["%\\]/gu, '_');
  const encoded = encodeURIComponent(name).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

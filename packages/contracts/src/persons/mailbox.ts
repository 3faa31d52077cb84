import { normaliseAddress } from './email-address.js';

/** Where mails to an address end up, as far as its spelling tells, from narrow to wide. For counting only: mails go to the address as it is. */
export interface Mailbox {
  /** What certainly comes to the same mailbox is the same. */
  readonly address: string;
  /** The same for addresses that may come to one mailbox: some servers deliver `jana-x@` and `jana=x@` to `jana@`. */
  readonly stem: string;
  /** Where one person may have any number of addresses; null at providers that give addresses to everybody. */
  readonly domain: string | null;
}

/** How a provider delivers what is addressed in several ways. A tag behind a plus is cut off everywhere. */
interface Provider {
  readonly domains: RegExp;
  /** One of its domains, where a mailbox has the same name at all of them. */
  readonly as?: string;
  /** What makes no difference in a name. */
  readonly ignored?: RegExp;
  /** What makes no difference from a dot. */
  readonly dots?: RegExp;
  /** Where else than at a plus a tag begins. */
  readonly tag?: string;
}

const LAND = '(?:com|net|[a-z]{2}|com?\\.[a-z]{2})';

/** By the help pages of each, as of November 2026. */
const PROVIDERS: readonly Provider[] = [
  { domains: /^(?:gmail|googlemail)\.com$/, as: 'gmail.com', ignored: /\./g },
  { domains: /^(?:proton\.me|protonmail\.com|protonmail\.ch|pm\.me)$/, as: 'proton.me', ignored: /[._-]/g },
  { domains: /^(?:icloud|me|mac)\.com$/, as: 'icloud.com' },
  { domains: /^(?:yandex\.(?:ru|com|by|kz|ua|com\.tr)|ya\.ru)$/, as: 'yandex.ru', dots: /-/g },
  { domains: new RegExp(`^(?:yahoo\\.${LAND}|ymail\\.com|rocketmail\\.com)$`), tag: '-' },
  { domains: new RegExp(`^(?:outlook|hotmail|live|gmx)\\.${LAND}$`) },
  {
    domains: /^(?:fastmail\.(?:com|fm)|msn\.com|aol\.com|mail\.com|zoho\.com|hey\.com|tuta\.com|tutanota\.(?:com|de))$/,
  },
  {
    domains: /^(?:web|freenet|t-online|posteo|arcor|online)\.de$|^mailbox\.org$|^bluewin\.ch$|^(?:ziggo|kpnmail)\.nl$/,
  },
  { domains: /^(?:wp|o2|onet|op|interia|gazeta|poczta\.onet|vp)\.pl$|^(?:seznam|centrum|email)\.cz$|^azet\.sk$/ },
  { domains: /^(?:vip\.)?(?:qq|163|126|sina|sohu|aliyun|foxmail|139|189)\.(?:com|cn)$|^(?:yeah|sina)\.(?:net|cn)$/ },
  { domains: /^(?:mail|bk|list|inbox|internet|rambler)\.ru$|^ukr\.net$|^(?:naver|hanmail|daum)\.(?:com|net)$/ },
  { domains: /^(?:orange|wanadoo|free|sfr|laposte|bbox)\.(?:fr|net)$|^(?:libero|virgilio|tiscali|alice|tin)\.it$/ },
  {
    domains:
      /^(?:comcast|verizon|att|sbcglobal|bellsouth|cox|charter)\.net$|^btinternet\.com$|^sky\.com$|^(?:uol|bol|terra)\.com\.br$/,
  },
];

/** `anything@jana.fastmail.com` comes to `jana@fastmail.com`. */
const SUBDOMAIN = /^([a-z0-9-]+)\.(fastmail\.(?:com|fm))$/;
/** Below a country, what stands for a kind of owner and belongs to nobody. */
const SECOND_LEVEL = /^(?:com?|net?|org?|gov?|gob|edu|ac|mil|nom|sch|plc|ltd)$/;

export function mailboxOf(typed: string): Mailbox {
  const normal = normaliseAddress(typed);
  const at = normal.lastIndexOf('@');
  const domain = normal.slice(at + 1);
  const [, owner, host] = SUBDOMAIN.exec(domain) ?? [];
  const local = owner ?? untagged(normal.slice(0, at), '+');
  const provider = PROVIDERS.find(({ domains }) => domains.test(host ?? domain));
  if (provider) {
    const address = `${nameAt(provider, local)}@${provider.as ?? host ?? domain}`;
    return { address, stem: address, domain: null };
  }
  const own = ownerOf(domain);
  return { address: `${local}@${domain}`, stem: `${untagged(untagged(local, '-'), '=')}@${own}`, domain: own };
}

function nameAt({ ignored, dots, tag }: Provider, local: string): string {
  const name = tag === undefined ? local : untagged(local, tag);
  if (ignored) return name.replace(ignored, '');
  return dots ? name.replace(dots, '.') : name;
}

/** Up to the sign, if anything stands before it. */
function untagged(local: string, sign: string): string {
  const end = local.indexOf(sign, 1);
  return end < 0 ? local : local.slice(0, end);
}

/** What somebody registers: all below it is theirs. Good enough for counting; there is no rule for it but a list of ten thousand. */
function ownerOf(domain: string): string {
  const labels = domain.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  return labels.slice(top.length === 2 && SECOND_LEVEL.test(second) ? -3 : -2).join('.');
}

/** What a push shows, and what it carries. */
export interface Shown {
  readonly title: string;
  readonly options: {
    lang: string;
    dir: 'auto' | 'ltr' | 'rtl';
    tag: string;
    renotify: boolean;
    icon: string;
    data: { url: string; ticket: string | null };
  };
}

const ICON = '/icon.svg';

/**
 * The notification of a push (declarative web push, https://webkit.org/blog/16535). A push that shows nothing costs the
 * subscription on some phones, so what cannot be read shows the brand, and leads to the list.
 */
export function notificationOf(text: string | undefined, origin: string): Shown {
  const { title, lang, dir, tag, navigate, data } = read(text);
  const isTold = typeof title === 'string' && title !== '';
  return {
    title: isTold ? title : 'Bellhop',
    options: {
      lang: typeof lang === 'string' ? lang : '',
      dir: dir === 'ltr' || dir === 'rtl' ? dir : 'auto',
      tag: typeof tag === 'string' && tag !== '' ? tag : 'bellhop',
      // The same tag without it would replace the notification of the ticket without a sound.
      renotify: true,
      icon: ICON,
      data: { url: ownUrl(navigate, origin), ticket: ticketOf(data) },
    },
  };
}

function read(text: string | undefined): Record<string, unknown> {
  try {
    const { notification } = JSON.parse(text ?? '');
    return typeof notification === 'object' && notification !== null ? notification : {};
  } catch {
    return {};
  }
}

function ticketOf(data: unknown): string | null {
  const ticket = (data as { ticket?: unknown } | null | undefined)?.ticket;
  return typeof ticket === 'string' ? ticket : null;
}

/** A push opens a page of ours, or none. */
function ownUrl(navigate: unknown, origin: string): string {
  const list = `${origin}/tickets`;
  if (typeof navigate !== 'string' || !URL.canParse(navigate, origin)) return list;
  const url = new URL(navigate, origin);
  return url.origin === origin ? url.href : list;
}

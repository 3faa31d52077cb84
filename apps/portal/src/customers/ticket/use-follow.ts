import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';

/** So near to the end, somebody is taken to read the newest. */
const NEAR_PX = 120;
/** Left free above what is shown from its first line: the word "New" fits in. */
const GAP_PX = 40;

interface Options {
  thread: RefObject<HTMLElement | null>;
  /** What stands in the thread, oldest first. `isNews`: somebody else has written it. */
  items: readonly { readonly id: string; readonly isNews: boolean }[];
  /** Where to begin: the first that was not read. */
  firstUnreadId: string | null;
}

/**
 * Begins at what is new, and stays with the newest as long as the reader does. Who has scrolled up is left in peace: `news` counts what
 * came meanwhile. @returns `follow` goes to the newest
 */
export function useFollow({ thread, items, firstUnreadId }: Options) {
  const [news, setNews] = useState(0);
  /** The reader is at the end. */
  const isNear = useRef(true);
  useNear(isNear, () => setNews(0));
  /** The newest that was there before; null before there was anything. */
  const newest = useRef<string | null>(null);
  const lastId = items.at(-1)?.id;

  const show = useCallback(
    (id: string | null | undefined) => {
      const element = elementOf(thread.current, id);
      if (!element) return;
      // What is taller than the room for it is shown from its first line. Below the newest there is only the answer box, of any height.
      const { above, below } = around(thread.current);
      if (element.clientHeight + GAP_PX > innerHeight - above - below)
        window.scrollBy(0, belowHeader(thread.current, element));
      else window.scrollTo(0, document.documentElement.scrollHeight);
    },
    [thread],
  );
  const follow = useCallback(() => {
    show(lastId);
    setNews(0);
  }, [lastId, show]);

  useLayoutEffect(() => {
    if (lastId === undefined || lastId === newest.current) return;
    const at = items.findIndex(({ id }) => id === newest.current);
    const isFirst = newest.current === null;
    newest.current = lastId;
    if (isFirst) {
      show(lastId);
      const first = elementOf(thread.current, firstUnreadId);
      const above = first ? belowHeader(thread.current, first) : 0;
      if (above < 0) window.scrollBy(0, above);
    } else if (isNear.current) show(lastId);
    else setNews((count) => count + items.slice(at + 1).filter(({ isNews }) => isNews).length);
  }, [thread, items, lastId, firstUnreadId, show]);

  // What grows, such as a failed answer or a list of files, pushes the newest out of sight.
  useEffect(() => {
    const stay = () => isNear.current && show(newest.current);
    const observer = new ResizeObserver(stay);
    for (const element of thread.current?.parentElement?.children ?? []) observer.observe(element);
    // Before the scroll event of a window that got another size, which is nobody's scrolling.
    window.addEventListener('resize', stay);
    return () => {
      observer.disconnect();
      window.removeEventListener('resize', stay);
    };
  }, [thread, show]);

  return { news, follow };
}

/** Keeps `isNear` true while the reader is at the end. @param onNear when they come there */
function useNear(isNear: RefObject<boolean>, onNear: () => void): void {
  const tell = useRef(onNear);
  useEffect(() => {
    const scrolled = () => {
      isNear.current = document.documentElement.scrollHeight - innerHeight - scrollY < NEAR_PX;
      if (isNear.current) tell.current();
    };
    window.addEventListener('scroll', scrolled, { passive: true });
    return () => window.removeEventListener('scroll', scrolled);
  }, [isNear]);
}

/** How far an element is from where it is shown from its first line. The header is higher in some languages. */
function belowHeader(thread: HTMLElement | null, element: Element): number {
  return element.getBoundingClientRect().top - around(thread).above - GAP_PX;
}

/** Heights of the header and of the answer box, which stay where they are. */
function around(thread: HTMLElement | null): { above: number; below: number } {
  return {
    above: thread?.previousElementSibling?.clientHeight ?? 0,
    below: thread?.nextElementSibling?.clientHeight ?? 0,
  };
}

function elementOf(thread: HTMLElement | null, id: string | null | undefined): Element | null {
  return id ? (thread?.querySelector(`[data-id="${CSS.escape(id)}"]`) ?? null) : null;
}

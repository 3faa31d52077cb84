import { useEffect, useState } from 'react';
import { useLanguage } from './intl.js';
import { dateOf, deadlineOf, momentOf } from './moment.js';

/** The present minute: what is "today" and what is late changes while a page stands open. */
function useNow(): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}

/** Times as the reader says them. */
export function useMoments() {
  const { dates } = useLanguage();
  const reader = { dates, now: useNow() };
  return {
    now: reader.now,
    moment: (iso: string) => momentOf(iso, reader),
    deadline: (iso: string) => deadlineOf(iso, reader),
    date: (iso: string) => dateOf(iso, reader),
  };
}

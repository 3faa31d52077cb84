import { type ReactNode, useEffect, useRef } from 'react';

/** A button that opens a list of links and actions. Closes by Escape, by a choice, and by a press elsewhere. On a phone it opens at the edge of the header. */
export function Menu({ label, name, children }: { label: ReactNode; name: string; children: ReactNode }) {
  const details = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const close = (event: Event) => {
      const menu = details.current;
      if (menu?.open && !menu.contains(event.target as Node)) menu.open = false;
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('focusin', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('focusin', close);
    };
  }, []);
  return (
    <details
      ref={details}
      className="relative max-sm:static"
      onKeyDown={({ key }) => {
        if (key !== 'Escape' || !details.current?.open) return;
        details.current.open = false;
        details.current.querySelector('summary')?.focus();
      }}
    >
      <summary aria-label={name} className="flex min-h-11 items-center gap-1 rounded px-1 text-sm">
        {label}
      </summary>
      {/* biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: a choice in it, by mouse or keyboard, closes it */}
      <div
        className="absolute end-0 max-sm:end-2 z-20 mt-1 grid w-max min-w-48 max-w-[calc(100vw-2rem)] rounded-lg border border-line bg-card p-1.5 shadow-lg"
        onClick={({ target }) => {
          if (details.current && target instanceof Element && target.closest('a, button')) details.current.open = false;
        }}
      >
        {children}
      </div>
    </details>
  );
}

export const menuItem =
  'block rounded px-3 py-2.5 text-start text-[15px] hover:bg-tint aria-[current=page]:font-semibold';

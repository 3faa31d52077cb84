import type { ReactNode } from 'react';

export function States({ name, children }: { name: string; children: ReactNode }) {
  return (
    <section className="space-y-2">
      <h2 className="text-sm text-quiet">{name}</h2>
      {children}
    </section>
  );
}

import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { useSay } from './intl.js';

const LOOKS = {
  main: 'bg-button text-button-ink px-5 py-2.5',
  quiet: 'border border-edge bg-card text-ink px-4 py-2',
  link: 'text-accent underline px-1 py-2',
} as const;

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  look?: keyof typeof LOOKS;
  /** Its work is under way: it stays in the order of the keyboard and does nothing. */
  isBusy?: boolean;
}

export function Button({ look = 'main', isBusy = false, className = '', onClick, children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      aria-disabled={isBusy || rest['aria-disabled']}
      onClick={(event) => {
        if (isBusy || rest['aria-disabled'] === true) event.preventDefault();
        else onClick?.(event);
      }}
      className={`inline-flex min-h-11 items-center justify-center gap-2 rounded-lg font-semibold leading-6 aria-disabled:opacity-60 ${LOOKS[look]} ${className}`}
    >
      {children}
    </button>
  );
}

/** The same looks for links. */
export const buttonLook = (look: keyof typeof LOOKS = 'main') =>
  `inline-flex min-h-11 items-center justify-center gap-2 rounded-lg font-semibold leading-6 ${LOOKS[look]}`;

export function Card({ children, className = '' }: { children: ReactNode; className?: string }) {
  return <div className={`rounded-xl border border-line bg-card ${className}`}>{children}</div>;
}

/** Says what went wrong, or what to know, and what to do. */
export function Notice({ children, isBad = false }: { children: ReactNode; isBad?: boolean }) {
  return (
    <div
      role={isBad ? 'alert' : 'status'}
      className={`rounded-lg border-s-3 bg-tint px-4 py-3 text-[15px] ${isBad ? 'border-bad' : 'border-accent'}`}
    >
      {children}
    </div>
  );
}

interface EmptyProps {
  heading: string;
  /** It stands in the place of the whole page. */
  isPage?: boolean;
  children?: ReactNode;
}

/** Where content would be: nothing there, failed, not allowed. One sentence, and a way on. */
export function Empty({ heading, isPage = false, children }: EmptyProps) {
  const Heading = isPage ? 'h1' : 'h2';
  return (
    <div className="mx-auto max-w-md px-5 py-16 text-center">
      <Heading className="mb-2 text-lg font-semibold">{heading}</Heading>
      <div className="space-y-4 text-quiet">{children}</div>
    </div>
  );
}

/** Grey lines where text will be. Announced once, in words. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const say = useSay();
  return (
    <div role="status" className="space-y-3 px-5 py-6">
      <span className="sr-only">{say('loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike
        <div key={line} aria-hidden="true" className="h-4 motion-safe:animate-pulse rounded bg-line odd:w-2/3" />
      ))}
    </div>
  );
}

interface FieldProps {
  id: string;
  label: string;
  hint?: string | undefined;
  /** What is wrong with it. */
  problem?: string | undefined;
  children: ReactNode;
}

/** A label above a field, with its hint and what is wrong with it. The field names `${id}-hint` and `${id}-problem`. */
export function Field({ id, label, hint, problem, children }: FieldProps) {
  return (
    <div className="space-y-1">
      <label htmlFor={id} className="block text-sm font-semibold">
        {label}
      </label>
      {hint && (
        <p id={`${id}-hint`} className="text-sm text-quiet">
          {hint}
        </p>
      )}
      {problem && (
        <p id={`${id}-problem`} className="text-sm font-semibold text-bad">
          {problem}
        </p>
      )}
      {children}
    </div>
  );
}

export const inputLook = 'w-full rounded-lg border border-edge bg-card px-3.5 py-2.5 text-ink placeholder:text-quiet';

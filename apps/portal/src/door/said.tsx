/** @jsxImportSource preact */

/** A step at which there is nothing to do; read out when it appears. */
export function Said({ heading, body }: { heading: string; body?: string }) {
  return (
    <section class="card" aria-live="polite">
      <h1>{heading}</h1>
      {body && <p>{body}</p>}
    </section>
  );
}

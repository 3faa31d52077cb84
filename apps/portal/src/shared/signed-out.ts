/** All tabs of this browser hear of it, and the one that says so, too. */
const CHANNEL = 'bellhop.signed-out';

/** Somebody has signed out here: no tab goes on showing what was theirs. */
export function announceSignOut(): void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage(null);
  channel.close();
}

/** @returns ends the waiting */
export function whenSignedOut(then: () => void): () => void {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = then;
  return () => channel.close();
}

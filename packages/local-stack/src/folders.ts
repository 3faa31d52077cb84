import { accessSync, chownSync, constants, mkdtempSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { watchFolder } from './processes/reaper.js';

export interface User {
  uid: number;
  gid: number;
}

export interface TemporaryFolder {
  path: string;
  remove(): void;
}

/** A new folder that is gone when `remove` was called, or when this process is. */
export function temporaryFolder(purpose: string, owner?: User): TemporaryFolder {
  const path = mkdtempSync(join(temporaryRoot(owner), `bellhop-${purpose}-`));
  if (owner) chownSync(path, owner.uid, owner.gid);
  return { path, remove: watchFolder(path) };
}

/** The system's folder for temporary files, or one that the other user may enter. */
function temporaryRoot(user?: User): string {
  const isUsable = (path: string): boolean => {
    try {
      accessSync(path, constants.W_OK);
      return !user || canEnter(path, user);
    } catch {
      return false;
    }
  };
  return [tmpdir(), '/var/tmp', '/tmp'].find(isUsable) ?? tmpdir();
}

/** Whether another user may go into a folder: every folder above it must allow that, too. */
export function canEnter(path: string, user: User): boolean {
  const { mode, uid, gid } = statSync(path);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  const parent = dirname(path);
  return parent === path || canEnter(parent, user);
}

import { z } from 'zod';

/** A UUID in a request: read without case, and small from here on (RFC 9562 §4). Swift writes them in capitals. */
export const typedUuid = z.uuid().toLowerCase();

/** The largest event that is read, in bytes of its JSON as UTF-8. Larger ones become dead letters. */
export const MAX_EVENT_BYTES = 256 * 1024;

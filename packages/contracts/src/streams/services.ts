export const SERVICES = ['tickets', 'notifications', 'guest-auth'] as const;
export type ServiceName = (typeof SERVICES)[number];

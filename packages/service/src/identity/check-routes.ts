import { StartUpError } from '@bellhop/http';
import { METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { ACCESS, type Access } from './access.decorators.js';

interface Route {
  name: string;
  access: Access | undefined;
}

/**
 * Refuses to start when a route does not say who may call it, or needs a sign-in that cannot be verified. The guard refuses such routes
 * anyway; this reports them at start.
 */
export function checkRoutes(modules: ModulesContainer, hasIdentity: boolean, hasGuestSessions: boolean): void {
  const routes = routesOf(modules);
  const open = routes.filter(({ access }) => access === undefined);
  if (open.length > 0) {
    throw new StartUpError(
      'route_without_access',
      `Cannot start: nobody may use ${namesOf(open)}. Put @Public(), @SignedIn() or @Roles(…) on each.`,
    );
  }
  const closed = routes.filter(({ access }) => access?.kind !== 'public');
  if (!hasIdentity && closed.length > 0) {
    throw new StartUpError(
      'identity_missing',
      `Cannot start: ${namesOf(closed)} need a sign-in, but no OpenID provider is configured. Set OIDC_ISSUER and OIDC_AUDIENCE.`,
    );
  }
  const forGuests = routes.filter(({ access }) => access?.kind === 'signed-in-or-guest');
  if (!hasGuestSessions && forGuests.length > 0) {
    throw new StartUpError(
      'guest_sessions_missing',
      `Cannot start: ${namesOf(forGuests)} are for guests, but nobody reads their sessions. Name \`guestSessions\` in the definition of the service.`,
    );
  }
}

function routesOf(modules: ModulesContainer): Route[] {
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return controllers.flatMap(({ metatype }) => (typeof metatype === 'function' ? routesOfController(metatype) : []));
}

function routesOfController(controller: object & { name: string; prototype?: object }): Route[] {
  return methodsOf(controller.prototype ?? null).flatMap(([name, handler]) => {
    const isRoute = Reflect.hasMetadata(METHOD_METADATA, handler) && Reflect.hasMetadata(PATH_METADATA, handler);
    const access: Access | undefined = Reflect.getMetadata(ACCESS, handler) ?? Reflect.getMetadata(ACCESS, controller);
    return isRoute ? [{ name: `${controller.name}.${name}`, access }] : [];
  });
}

/** Inherited methods included: Nest serves the routes of a base controller, too. */
function methodsOf(prototype: object | null): [string, object][] {
  if (prototype === null || prototype === Object.prototype) return [];
  const own = Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, { value }]) =>
    typeof value === 'function' ? [[name, value] as [string, object]] : [],
  );
  return [...own, ...methodsOf(Object.getPrototypeOf(prototype))];
}

function namesOf(routes: readonly Route[]): string {
  return routes.map(({ name }) => name).join(', ');
}

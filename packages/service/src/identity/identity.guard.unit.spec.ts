import { describe, expect, it } from '@jest/globals';
import { Reflector } from '@nestjs/core';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import { Public, Roles } from './access.decorators.js';
import { IdentityGuard } from './identity.guard.js';

class Routes {
  forgotten(): void {}

  @Public()
  open(): void {}

  @Roles('agent')
  desk(): void {}
}

function decide(handler: () => void, type: 'http' | 'rpc' = 'http'): Promise<boolean> {
  const context = new ExecutionContextHost([{ headers: {} }], Routes, handler);
  context.setType(type);
  return new IdentityGuard(new Reflector()).canActivate(context);
}

const routes = new Routes();

describe('IdentityGuard', () => {
  it('refuses a route that says nothing, even where the check at start was passed by', async () => {
    await expect(decide(routes.forgotten)).rejects.toMatchObject({ status: 403, code: 'forbidden' });
  });

  it('refuses everything but public routes when nobody can check a token', async () => {
    await expect(decide(routes.desk)).rejects.toMatchObject({ status: 403 });
    expect(await decide(routes.open)).toBe(true);
  });

  it('is not asked about events', async () => {
    expect(await decide(routes.forgotten, 'rpc')).toBe(true);
  });
});

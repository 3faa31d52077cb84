import type { User } from '@bellhop/contracts/persons';
import { Problem } from '@bellhop/http';
import type { EntityManager } from 'typeorm';
import { PersonEntity } from './person.entity.js';
import { userOf } from './person.js';

const NAMED_AT_MOST = 20;

/**
 * The agent with an address, however it is spelled. Of an account that was created again, the newer one.
 *
 * @throws Problem 422 `agent_unknown` that names the agents who are known
 */
export async function findAgent(manager: EntityManager, address: string): Promise<User> {
  const agent = await manager
    .createQueryBuilder(PersonEntity, 'person')
    .where('person.isAgent and lower(person.email) = lower(:address)', { address })
    .orderBy('person.changedAt', 'DESC')
    .limit(1)
    .getOne();
  if (agent) return userOf(agent);
  throw new Problem(422, 'agent_unknown', 'No such agent', await whoIsKnown(manager));
}

async function whoIsKnown(manager: EntityManager): Promise<string> {
  const agents = await manager.find(PersonEntity, {
    select: { email: true },
    where: { isAgent: true },
    order: { email: 'ASC' },
    take: NAMED_AT_MOST,
  });
  const addresses = agents.flatMap(({ email }) => email ?? []).join(', ');
  return `No agent with this address has signed in yet. Ask them to open the desk once, or choose one of: ${addresses}.`;
}

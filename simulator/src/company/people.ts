import type { Person } from '../account/idp.ts'

/** A person with the hours (UTC) in which they work. */
export interface Worker extends Person {
  readonly hours: readonly [from: number, to: number]
}

/** A small made-up company. */
export const people: readonly [Worker, ...Worker[]] = [
  worker('alice', 'payments', 'ledger-api', 7, 16),
  worker('bob', 'payments', 'ledger-api', 8, 17),
  worker('carol', 'payments', 'fraud-rules', 9, 18),
  worker('dave', 'platform', 'build-farm', 8, 17),
  worker('erin', 'platform', 'build-farm', 10, 19),
  worker('frank', 'platform', 'observability', 7, 15),
  worker('grace', 'mobile', 'ios-app', 8, 16),
  worker('heidi', 'mobile', 'android-app', 9, 18),
  worker('ivan', 'mobile', 'android-app', 8, 17),
  worker('judy', 'data', 'warehouse', 9, 17),
  worker('mallory', 'data', 'warehouse', 11, 20),
  worker('niaj', 'data', 'internship', 9, 17),
]

/** A person by name. */
export function personNamed(name: string): Worker {
  return people.find((person) => person.email.startsWith(`${name}@`)) ?? people[0]
}

function worker(name: string, team: string, project: string, from: number, to: number): Worker {
  return {
    subject: `idp|${name}`,
    email: `${name}@example.com`,
    name: `${name[0]?.toUpperCase()}${name.slice(1)} Example`,
    team,
    project,
    groups: [`team-${team}`, 'claude-users'],
    hours: [from, to],
  }
}

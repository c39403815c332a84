// What is measured. A work is a request that the load repeats; `fill` names what {} becomes. `idle`: so many
// connections more are open. `like`: the same as that work, among a million; its `apart` is the name by which it is
// asked for, since it is left out of a run of everything.

function among(like, title, work) {
  return { ...work, title: `${title}, among 1,000,000`, goal: 0.75, like, apart: "million" };
}

export const works = {
  read: {
    title: "read one client",
    target: "/v1/clients/{}", fill: "id", connections: 64, goal: 0.75,
  },
  list: {
    title: "list 50 clients, scoped and filtered",
    target: "/v1/clients?limit=50&givenName={}", fill: "given", connections: 64, goal: 0.75,
  },
  create: {
    title: "create a client durably, 64 connections",
    target: "/v1/clients", connections: 64, creates: true, goal: 0.75,
  },
  "slow-create": {
    title: "create with 1 ms added to each fsync",
    target: "/v1/clients", connections: 64, creates: true, slow: 1000, goal: 0.75,
  },
  search: {
    title: "search among all by a family name",
    target: "/v1/clients?limit=50&q={}", fill: "family", connections: 16, goal: 0.75,
  },
  frequent: {
    title: "search for a text that all have",
    target: "/v1/clients?limit=50&q=example.com", connections: 16, goal: 0.75,
  },
  connections: {
    title: "read one client, 512 connections",
    target: "/v1/clients/{}", fill: "id", connections: 512, goal: 0.75,
  },
  // 10,000 in all: more are refused by Foyer (LIMIT_CONNECTIONS).
  idle: {
    title: "read one client, 64 connections beside 9,936 idle ones",
    target: "/v1/clients/{}", fill: "id", connections: 64, idle: 9936, goal: 0.75,
  },
  "million-read": among("read", "read one client", { target: "/v1/clients/{}", fill: "id", connections: 64 }),
  "million-list": among("list", "list 50 clients", { target: "/v1/clients?limit=50&givenName={}", fill: "given", connections: 64 }),
  "million-search": among("search", "search by a family name", { target: "/v1/clients?limit=50&q={}", fill: "family", connections: 16 }),
  "million-frequent": among("frequent", "search for a text that all have", { target: "/v1/clients?limit=50&q=example.com", connections: 16 }),
  start: { title: "cold start and idle memory", starts: true, goal: 0.25 },
  // No server: a program of its own, whose lines are shown as they come.
  rule: { title: "CPU of a rule (asked for: 1,000 ns without its record, 2,000 ns with it)", program: "build/release/rule_bench" },
};

export const MILLION = 1000000;

// Ratios between servers that 6-quality asks for, beside `goal` against bare: work, peer, at least.
export const peers = [
  ["create", "fastify-batch", 1],
  ["create", "fastify", 2],
  ["slow-create", "fastify", 5],
];

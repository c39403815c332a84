// Lists: plain, counted, paged, in every order, filtered and searched, a role sees the same rows.
import { filled, say } from './cases.mjs';
import { routeOf } from './table.mjs';

// Some lines have a query of their own.
const withQuery = (path, query) => `${path}${path.includes('?') ? '&' : '?'}${query}`;
// What is found by fewer than three characters is not counted.
const isCounted = (query) => !/^q=.{0,2}$/u.test(decodeURIComponent(query));
const common = ['limit', 'nextToken', 'sort', 'q', 'count', 'fields'];

export class Lists {
  constructor(world, routes, cases) {
    this.cases = cases;
    this.world = world;
    this.routes = routes;
    this.names = Object.fromEntries(Object.entries(world.ids).map(([name, id]) => [id, name]));
    this.wanted = new Map(); // path: what the owner's answer has, by query
  }

  async rows(role, path, query) {
    const answer = await this.world.ask(role, 'GET', withQuery(path, query));
    if (answer.status !== 200) throw new Error(`GET ${path}?${query}: ${role} gets ${answer.status}: ${answer.text.slice(0, 300)}`);
    return { ...answer.json, ids: answer.json.data.map(({ id }) => id) };
  }

  // What of the rows that the table names the owner finds so.
  async reference(path, query) {
    const key = withQuery(path, query);
    if (!this.wanted.has(key)) this.wanted.set(key, this.rows('owner', path, query).then(({ ids }) => new Set(ids)));
    return this.wanted.get(key);
  }

  async check(one, roles) {
    const wrong = [];
    const { query } = this.routes.get(`GET ${routeOf(one.path)}`);
    const asking = roles.filter((role) => one.answers[role] === 'ok' && role !== 'other');
    for (const role of asking) if (!one.sees[role]) wrong.push(`line ${one.line}: ${say(one)} does not say which rows ${role} sees`);
    if (wrong.length) return wrong;
    const { path } = await filled(this.world, one, 'owner');
    const ways = await this.ways(path, query);
    await Promise.all(asking.map(async (role) => {
      try {
        wrong.push(...await this.checkRole(one, path, role, ways));
      } catch (error) {
        wrong.push(`line ${one.line}: ${error.message}`);
      }
    }));
    if (roles.includes('other') && one.answers.other === 'ok') {
      const { ids } = await this.rows('other', path, 'limit=1000');
      for (const id of ids) if (this.names[id]) wrong.push(`line ${one.line}: ${say(one)}: the other workspace sees ${this.names[id]}`);
    }
    return wrong;
  }

  async checkRole(one, path, role, ways) {
    const wrong = [];
    const tell = (query, ids, wanted) => {
      const show = (list) => [...list].map((id) => this.names[id] ?? id).sort().join(' ') || 'nothing';
      wrong.push(`line ${one.line}: GET ${path}?${query}: ${role} sees ${show(ids)}, not ${show(wanted)}`);
    };
    const same = (ids, wanted) => ids.length === wanted.size && ids.every((id) => wanted.has(id));
    const { ids, count } = await this.rows(role, path, 'limit=1000&count=true');
    if (count !== ids.length) wrong.push(`line ${one.line}: GET ${path}: ${role} is told of ${count} rows and sees ${ids.length}`);
    if (one.sees[role] === '*') { // it grows while it is looked at
      if (!ids.length) wrong.push(`line ${one.line}: ${say(one)}: ${role} sees nothing`);
      return wrong;
    }
    const seen = new Set(ids);
    const wanted = new Set(one.sees[role].map((name) => this.world.ids[name]).filter(Boolean));
    if (!same(ids, wanted)) tell('', ids, wanted);
    const paged = [];
    for (let next = ''; next !== undefined && paged.length < 100;) {
      const page = await this.rows(role, path, `limit=1&nextToken=${encodeURIComponent(next)}`);
      paged.push(...page.ids);
      next = page.nextToken;
    }
    if (!same(paged, seen)) tell('limit=1', paged, seen);
    for (const query of ways) {
      const found = await this.rows(role, path, `limit=1000&${isCounted(query) ? 'count=true&' : ''}${query}`);
      const reference = await this.reference(path, `limit=1000&${query}`);
      const part = new Set(this.isKept(role, query) ? [] : [...seen].filter((id) => reference.has(id)));
      if (!same(found.ids, part)) tell(query, found.ids, part);
      if (isCounted(query) && found.count !== part.size) wrong.push(`line ${one.line}: GET ${path}?${query}: ${role} is told of ${found.count} rows and sees ${part.size}`);
    }
    return wrong;
  }

  // Every order, every value of every filter, and words to search for.
  async ways(path, query) {
    const ways = [];
    const data = (await this.rows('owner', path, 'limit=1000')).data.filter(({ id }) => this.names[id]);
    const refusal = await this.world.ask('owner', 'GET', withQuery(path, 'sort=no-such-order'));
    const orders = /sorted by (.*) \(/.exec(refusal.text)?.[1].split(', ') ?? [];
    if (!orders.length) throw new Error(`GET ${path} does not say by what it is sorted: ${refusal.text}`);
    for (const order of orders) ways.push(`sort=${order}`, `sort=-${order}`);
    for (const name of query.filter((each) => !common.includes(each) && !this.hasItsLine(path, each))) {
      let values = [...new Set(data.flatMap((row) => row[name] ?? []))];
      if (!values.length && /Id/.test(name)) values = Object.values(this.world.ids);
      if (!values.length) values = ['true', 'false'];
      for (const value of values.slice(0, 40)) ways.push(`${name}=${encodeURIComponent(value)}`);
    }
    if (!await this.searches(path)) return ways;
    const words = data.flatMap(({ givenName, familyName, name, email }) => [givenName, familyName, name, email]).filter(Boolean);
    for (const word of new Set(words)) ways.push(`q=${encodeURIComponent(word)}`, `q=${encodeURIComponent(word.slice(0, 2))}`);
    return ways;
  }

  // By an id that the role does not see nothing is found, as by one that is not there.
  isKept(role, query) {
    const name = this.names[decodeURIComponent(query.split('=')[1])];
    return (this.world.hidden[role] ?? []).includes(name) && !this.cases.meets[role]?.includes(name);
  }

  // A parameter that shows other rows stands in a line of its own.
  hasItsLine(path, name) { return this.cases.some((one) => one.path.startsWith(`${path.split('?')[0]}?${name}=`)); }

  async searches(path) {
    const { status, text } = await this.world.ask('owner', 'GET', withQuery(path, 'q=word'));
    if (status !== 200 && !/no_search/.test(text)) throw new Error(`GET ${path}?q=word: ${status} ${text}`);
    return status === 200;
  }

  // By what is the other workspace's, nothing is found: as by what is nobody's.
  async checkForeign(one) {
    const wrong = [];
    const { query } = this.routes.get(`GET ${routeOf(one.path)}`);
    const { path } = await filled(this.world, one, 'owner');
    for (const name of query.filter((each) => /Ids?$/.test(each) && each !== 'requestId')) {
      for (const [kind, foreign] of Object.entries(this.world.foreign)) {
        const answers = [];
        for (const id of [foreign, `${foreign.slice(0, -12)}ffffffffffff`]) {
          const answer = await this.world.ask('owner', 'GET', withQuery(path, `count=true&${name}=${id}`));
          answers.push(`${answer.status} ${answer.text.replace(/"requestId":"[^"]*"/, '').replaceAll(id, 'ID')}`);
        }
        if (answers[0] !== answers[1] || !/"data":\[\]/.test(answers[0])) wrong.push(`line ${one.line}: GET ${path}?${name}: the other workspace's ${kind} answers ${answers.join('\n  and none: ')}`);
      }
    }
    if (!await this.searches(path)) return wrong;
    for (const word of ['CANARY', 'nest.example', 'canary-1@nest.example']) {
      const { count, ids } = await this.rows('owner', path, `count=true&q=${encodeURIComponent(word)}`);
      if (count || ids.length) wrong.push(`line ${one.line}: GET ${path}?q=${word} finds ${count} rows`);
    }
    return wrong;
  }
}

// Checks: one a sentence, each by the SDK's own functions alone.
import assert from 'node:assert/strict';
import { assemblyApi, OpenAPI } from '@assembly-js/node-sdk';

export function connect(base, key) {
  OpenAPI.BASE = base;
  return assemblyApi({ apiKey: key });
}

const known = {};

async function refused(promise, status) {
  const error = await promise.then(() => null, (reason) => reason);
  assert.ok(error, `not refused with ${status}`);
  assert.equal(error.status, status);
  return error.body;
}

export const checks = {
  async the_workspace_is_read(api) {
    const workspace = await api.retrieveWorkspace();
    assert.equal(workspace.brandName, 'Rocket Agency');
    assert.equal(workspace.isCompaniesEnabled, true);
    assert.equal(typeof workspace.portalUrl, 'string');
    assert.deepEqual(Object.keys(workspace.labels).sort(),
      ['groupTerm', 'groupTermPlural', 'individualTerm', 'individualTermPlural']);
  },

  async the_staff_are_read(api) {
    const { data, nextToken } = await api.listInternalUsers({ limit: 10 });
    assert.equal(nextToken, undefined);
    assert.equal(data.length, 1);
    const owner = await api.retrieveInternalUser({ id: data[0].id });
    assert.deepEqual(owner, data[0]);
    assert.equal(owner.object, 'internalUser');
    assert.equal(owner.isClientAccessLimited, false);
    assert.deepEqual(owner.companyAccessList, []);
  },

  async a_client_is_created(api) {
    const client = await api.createClient({
      sendInvite: false,
      requestBody: { givenName: 'Ann', familyName: 'Lee', email: 'ann@example.com', customFields: '{}' },
    });
    assert.equal(client.object, 'client');
    assert.equal(client.status, 'notInvited');
    assert.equal(client.companyIds.length, 1);
    assert.equal(client.companyId, client.companyIds[0]);
    assert.ok(Date.parse(client.createdAt));
    known.id = client.id;
  },

  async a_client_is_created_and_invited(api) {
    const client = await api.createClient({
      sendInvite: true,
      requestBody: { givenName: 'Bob', familyName: 'Lee', email: 'bob@example.com' },
    });
    assert.equal(client.status, 'invited');
    assert.match(client.inviteUrl, /\/invite\//);
  },

  async a_client_is_read(api) {
    const client = await api.retrieveClient({ id: known.id });
    assert.equal(client.email, 'ann@example.com');
    assert.deepEqual(client.customFields, {});
  },

  async clients_are_listed_page_by_page(api) {
    const seen = new Set();
    let nextToken;
    do {
      const page = await api.listClients({ limit: 2, nextToken });
      page.data.forEach((client) => seen.add(client.id));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.equal(seen.size, 4);
    const { data } = await api.listClients({ email: 'ANN@example.com' });
    assert.deepEqual(data.map((client) => client.id), [known.id]);
    const one = await api.retrieveClient({ id: known.id });
    const ofCompany = await api.listClients({ companyId: one.companyId });
    assert.deepEqual(ofCompany.data.map((client) => client.id), [known.id]);
  },

  async a_client_is_changed(api) {
    const client = await api.updateClient({ id: known.id, requestBody: { givenName: 'Anna' } });
    assert.equal(client.givenName, 'Anna');
    assert.equal(client.familyName, 'Lee');
  },

  async a_client_is_changed_destructively(api) {
    const client = await api.updateAClientDestructive({
      id: known.id, requestBody: { givenName: 'Ann', familyName: 'Leeds' },
    });
    assert.equal(client.familyName, 'Leeds');
    assert.equal(client.email, 'ann@example.com');
  },

  async a_client_is_deleted(api) {
    assert.deepEqual(await api.deleteClient({ id: known.id }), { id: known.id, object: 'client', deleted: true });
    await refused(api.retrieveClient({ id: known.id }), 404);
  },

  async a_company_is_created(api) {
    const company = await api.createCompany({
      requestBody: {
        name: 'Acme', iconImageUrl: 'https://acme.example/icon.png', fallbackColor: '#9BBFFF', customFields: '{}',
      },
    });
    assert.equal(company.object, 'company');
    assert.equal(company.name, 'Acme');
    assert.equal(company.iconImageUrl, 'https://acme.example/icon.png');
    assert.equal(company.fallbackColor.toUpperCase(), '#9BBFFF');
    assert.equal(company.isPlaceholder, false);
    assert.deepEqual(company.customFields, {});
    assert.ok(Date.parse(company.createdAt));
    known.company = company.id;
    assert.equal((await refused(api.createCompany({ requestBody: { name: 'ACME' } }), 409)).errors[0].code, 'name_taken');
    assert.equal((await refused(api.createCompany({ requestBody: { name: 'A' } }), 400)).errors[0].field, 'name');
  },

  async a_company_is_read(api) {
    const company = await api.retrieveCompany({ id: known.company });
    assert.equal(company.name, 'Acme');
    await refused(api.retrieveCompany({ id: known.id }), 404);
  },

  async companies_are_listed_page_by_page(api) {
    const all = await api.listCompanies({});
    const seen = new Set();
    let nextToken;
    do {
      const page = await api.listCompanies({ limit: 1, nextToken });
      page.data.forEach((company) => seen.add(company.id));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.deepEqual([...seen], all.data.map((company) => company.id));
    const real = await api.listCompanies({ isPlaceholder: false });
    assert.deepEqual(real.data.map((company) => company.name).sort(), ['Acme', 'Rocket Rides']);
    const placeholders = await api.listCompanies({ isPlaceholder: true });
    assert.equal(placeholders.data.length, all.data.length - 2);
    const named = await api.listCompanies({ name: 'Acme' });
    assert.deepEqual(named.data.map((company) => company.id), [known.company]);
  },

  async a_company_is_changed(api) {
    const company = await api.updateCompany({ id: known.company, requestBody: { name: 'Acme Ltd', customFields: '{}' } });
    assert.equal(company.name, 'Acme Ltd');
    assert.equal(company.iconImageUrl, 'https://acme.example/icon.png');
    await refused(api.updateCompany({ id: known.company, requestBody: { name: 'rocket rides' } }), 409);
  },

  async a_client_is_put_into_a_company(api) {
    const client = await api.createClient({
      requestBody: { givenName: 'Dan', familyName: 'Lee', email: 'dan@example.com', companyId: known.company },
    });
    assert.deepEqual(client.companyIds, [known.company]);
    const ofCompany = await api.listClients({ companyId: known.company });
    assert.deepEqual(ofCompany.data.map((one) => one.id), [client.id]);
    known.dan = client.id;
  },

  async a_company_is_deleted(api) {
    assert.deepEqual(await api.deleteCompany({ id: known.company }), { id: known.company, object: 'company', deleted: true });
    await refused(api.retrieveCompany({ id: known.company }), 404);
    const client = await api.retrieveClient({ id: known.dan });
    const placeholder = await api.retrieveCompany({ id: client.companyId });
    assert.equal(placeholder.isPlaceholder, true);
    assert.equal(placeholder.name, 'Dan Lee');
  },

  async a_message_channel_is_created_once(api) {
    const { data } = await api.listClients({ limit: 10 });
    const shared = data.filter(({ givenName }) => ['John', 'Jane'].includes(givenName));
    const [clientId, other] = shared.map(({ id }) => id);
    const { companyId } = shared[0];
    const individual = await api.createMessageChannel({ requestBody: { membershipType: 'individual', clientId } });
    assert.equal(individual.object, 'messageChannel');
    assert.equal(individual.clientId, clientId);
    assert.equal(individual.membershipEntityId, clientId);
    assert.deepEqual(individual.memberIds, [clientId]);
    assert.equal(individual.lastMessageDate, null);
    assert.ok(Date.parse(individual.createdAt) && Date.parse(individual.updatedAt));
    const old = await api.createMessageChannel({
      requestBody: { membershipType: 'individual', membershipEntityId: clientId, companyId, memberIds: [] },
    });
    assert.deepEqual(old, individual);
    const group = await api.createMessageChannel({
      requestBody: { membershipType: 'group', memberIds: [clientId, other], companyId },
    });
    assert.equal(group.companyId, companyId);
    assert.equal(group.memberIds.length, 2);
    const company = await api.createMessageChannel({ requestBody: { membershipType: 'company', companyId } });
    assert.equal(company.membershipEntityId, companyId);
    assert.ok(company.memberIds.includes(clientId));
    Object.assign(known, { clientId, companyId, group, company });
  },

  async message_channels_are_listed_and_read(api) {
    const groups = await api.listMessageChannels({ membershipType: 'group' });
    assert.deepEqual(groups.data, [known.group]);
    assert.equal(groups.nextToken, undefined);
    const ofClient = await api.listMessageChannels({ clientId: known.clientId });
    assert.deepEqual(ofClient.data.map(({ membershipType }) => membershipType), ['individual']);
    const ofCompany = await api.listMessageChannels({ membershipEntityId: known.companyId });
    assert.deepEqual(ofCompany.data.map(({ id }) => id), [known.company.id, known.group.id]);
    const ids = [];
    let nextToken;
    do {
      const page = await api.listMessageChannels({ memberId: known.clientId, limit: 2, nextToken });
      ids.push(...page.data.map(({ id }) => id));
      nextToken = page.nextToken;
    } while (nextToken);
    assert.equal(new Set(ids).size, 3);
    assert.deepEqual(await api.retrieveMessageChannel({ id: known.company.id }), known.company);
    await refused(api.retrieveMessageChannel({ id: known.clientId }), 404);
    await refused(api.createMessageChannel({ requestBody: { membershipType: 'group', memberIds: [known.clientId] } }), 400);
  },

  async an_app_tells_what_has_happened(api) {
    await api.sendWebhook('invoice.paid', { id: 'inv_1', amount: 100 });
    assert.equal((await refused(api.sendWebhook('client.created', {}), 422)).code, 'event_taken');
    await refused(api.sendWebhook('no such name', {}), 400);
  },

  async errors_say_what_to_do(api) {
    const body = await refused(api.createClient({ requestBody: { givenName: 'X', familyName: 'Y', email: 'no address' } }), 400);
    assert.equal(body.errors[0].field, 'email');
    assert.ok(body.message && body.code && body.requestId);
    assert.equal((await refused(api.createClient({
      requestBody: { givenName: 'B', familyName: 'L', email: 'BOB@example.com' },
    }), 409)).errors[0].code, 'email_taken');
  },
};

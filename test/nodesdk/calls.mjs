// Drives usher with Okta's Node client, unchanged: one org set up, used and taken
// down. Prints each call, and how many there were; ends with code 1 at the first
// answer that is not as it must be.
import assert from 'node:assert/strict';
import http from 'node:http';
import okta from '@okta/okta-sdk-nodejs';

const orgUrl = process.env.ORG_URL;
const client = new okta.Client({ orgUrl, token: process.env.ORG_TOKEN });
let calls = 0;

async function call(name, promise, check = () => {}) {
  calls++;
  const answer = await promise;
  check(answer);
  console.log(name);
  return answer;
}

// refused is a call that must fail, as the client tells of it.
async function refused(name, promise, status, code) {
  calls++;
  await assert.rejects(promise, (err) => {
    assert.equal(err.status, status, err.message);
    assert.equal(err.errorCode, code, err.message);
    assert.ok(Array.isArray(err.errorCauses));
    return true;
  });
  console.log(name);
}

async function all(collection) {
  const list = [];
  await collection.each((item) => { list.push(item); });
  return list;
}

// A service that allows everybody, and proves that it is its owner's.
const service = http.createServer((request, response) => {
  const challenge = request.headers['x-okta-verification-challenge'];
  response.setHeader('content-type', 'application/json');
  request.resume().on('end', () => response.end(JSON.stringify(challenge ? { verification: challenge } : { commands: [] })));
});
await new Promise((ready) => { service.listen(0, '127.0.0.1', ready); });
const uri = `http://127.0.0.1:${service.address().port}/hook`;

async function inlineHooks() {
  const api = client.inlineHookApi;
  const channel = { type: 'HTTP', version: '1.0.0', config: { uri, method: 'POST', headers: [{ key: 'X-Tenant', value: 'eu' }], authScheme: { type: 'HEADER', key: 'Authorization', value: 'hush' } } };
  const body = { name: 'By Node', type: 'com.okta.user.pre-registration', version: '1.0.0', channel };
  const made = await call('create inline hook', api.createInlineHook({ inlineHook: body }), (h) => {
    assert.equal(h.status, 'ACTIVE');
    assert.equal(h.channel.config.authScheme.value, undefined);
  });
  const id = made.id;
  await call('list inline hooks by type', all(await api.listInlineHooks({ type: body.type })), (l) => assert.ok(l.some((h) => h.id === id)));
  await call('get inline hook', api.getInlineHook({ inlineHookId: id }), (h) => assert.equal(h.name, 'By Node'));
  await call('replace inline hook', api.replaceInlineHook({ inlineHookId: id, inlineHook: { name: 'Replaced', version: '1.0.0', channel } }), (h) => assert.equal(h.name, 'Replaced'));
  await call('update inline hook', api.updateInlineHook({ inlineHookId: id, inlineHook: { name: 'Updated', version: '1.0.0', channel } }), (h) => assert.equal(h.name, 'Updated'));
  const payload = { eventType: body.type, requestType: 'self.service.registration', data: { userProfile: { email: 'a@example.com' }, action: 'ALLOW' } };
  await call('execute inline hook', api.executeInlineHook({ inlineHookId: id, payloadData: payload }), (a) => assert.deepEqual(a.commands, []));
  await refused('delete an active inline hook', api.deleteInlineHook({ inlineHookId: id }), 400, 'E0000001');
  await refused('get no inline hook', api.getInlineHook({ inlineHookId: 'cal00000000000000000' }), 404, 'E0000007');
  await refused('create an empty inline hook', api.createInlineHook({ inlineHook: {} }), 400, 'E0000001');
  await call('deactivate inline hook', api.deactivateInlineHook({ inlineHookId: id }), (h) => assert.equal(h.status, 'INACTIVE'));
  await call('activate inline hook', api.activateInlineHook({ inlineHookId: id }), (h) => assert.equal(h.status, 'ACTIVE'));
  return id;
}

async function groups() {
  const api = client.groupApi;
  const made = await call('create group', api.createGroup({ group: { profile: { name: 'Node people', description: 'of the test' } } }), (g) => assert.equal(g.type, 'OKTA_GROUP'));
  await call('list groups by name', all(await api.listGroups({ q: 'Node' })), (l) => assert.deepEqual(l.map((g) => g.id), [made.id]));
  await call('get group', api.getGroup({ groupId: made.id }), (g) => assert.equal(g.profile.description, 'of the test'));
  await call('replace group', api.replaceGroup({ groupId: made.id, group: { profile: { name: 'Node people', description: 'changed' } } }), (g) => assert.equal(g.profile.description, 'changed'));
  return made.id;
}

async function schema() {
  const api = client.schemaApi;
  await call('get user schema', api.getUserSchema({ schemaId: 'default' }), (s) => assert.equal(Object.keys(s.definitions.base.properties).length, 31));
  const body = { definitions: { custom: { id: '#custom', type: 'object', properties: { badge: { title: 'Badge', type: 'string', maxLength: 8 } } } } };
  await call('update user schema', api.updateUserProfile({ schemaId: 'default', userSchema: body }), (s) => assert.equal(s.definitions.custom.properties.badge.maxLength, 8));
  await call('list user types', all(await client.userTypeApi.listUserTypes()), (l) => assert.ok(l.some((t) => t._default ?? t.default)));
}

async function policies(hookId, groupId) {
  const api = client.policyApi;
  await call('list policies', all(await api.listPolicies({ type: 'PROFILE_ENROLLMENT' })), (l) => assert.ok(l.some((p) => p.system && p.name.includes('Default'))));
  const made = await call('create policy', api.createPolicy({ policy: { name: 'Node policy', type: 'PROFILE_ENROLLMENT' } }), (p) => assert.equal(p.status, 'ACTIVE'));
  const policyId = made.id;
  await call('get policy', api.getPolicy({ policyId }), (p) => assert.equal(p.system, false));
  await call('replace policy', api.replacePolicy({ policyId, policy: { name: 'Node policy 2', type: 'PROFILE_ENROLLMENT' } }), (p) => assert.equal(p.name, 'Node policy 2'));
  const rules = await call('list policy rules', all(await api.listPolicyRules({ policyId })), (l) => assert.equal(l.length, 1));
  const ruleId = rules[0].id;
  await call('get policy rule', api.getPolicyRule({ policyId, ruleId }), (r) => assert.equal(r.type, 'PROFILE_ENROLLMENT'));
  const profileEnrollment = {
    access: 'ALLOW', unknownUserAction: 'REGISTER', activationRequirements: { emailVerification: false }, progressiveProfilingAction: 'DISABLED',
    preRegistrationInlineHooks: [{ inlineHookId: hookId }], targetGroupIds: [groupId],
    profileAttributes: [{ name: 'email', label: 'E-mail', required: true }, { name: 'firstName', label: 'First name', required: true }, { name: 'lastName', label: 'Last name', required: true }],
  };
  await call('replace policy rule', api.replacePolicyRule({ policyId, ruleId, policyRule: { name: 'Catch-all Rule', type: 'PROFILE_ENROLLMENT', actions: { profileEnrollment } } }), (r) => {
    assert.equal(r.actions.profileEnrollment.preRegistrationInlineHooks[0].inlineHookId, hookId);
    assert.equal(r.actions.profileEnrollment.profileAttributes[0].label, 'E-mail');
  });
  await call('list policy mappings', all(await api.listPolicyMappings({ policyId })));
  await call('deactivate policy', api.deactivatePolicy({ policyId }));
  await call('activate policy', api.activatePolicy({ policyId }));
  return policyId;
}

async function users(groupId) {
  const api = client.userApi;
  for (const n of [1, 2, 3]) {
    await call(`create user ${n}`, api.createUser({
      activate: n !== 3,
      body: { profile: { firstName: 'Node', lastName: `No${n}`, email: `node${n}@example.com`, login: `node${n}@example.com`, badge: `b${n}` }, credentials: { password: { value: 'correct horse 47 battery' } } },
    }), (u) => assert.equal(u.status, n === 3 ? 'STAGED' : 'ACTIVE'));
  }
  const user = await call('get user by login', api.getUser({ userId: 'node1@example.com' }), (u) => assert.equal(u.profile.badge, 'b1'));
  const userId = user.id;
  await call('search users, page by page', all(await api.listUsers({ search: 'profile.login sw "node"', limit: 1 })), (l) => assert.equal(l.length, 3));
  await call('filter users', all(await api.listUsers({ filter: 'status eq "STAGED"' })), (l) => assert.equal(l.length, 1));
  await call('find users', all(await api.listUsers({ q: 'node1' })), (l) => assert.equal(l.length, 1));
  await call('update user', api.updateUser({ userId, user: { profile: { city: 'Berlin' } } }), (u) => {
    assert.equal(u.profile.city, 'Berlin');
    assert.equal(u.profile.badge, 'b1');
  });
  await call('replace user', api.replaceUser({ userId, user: { profile: { firstName: 'Node', lastName: 'One', email: 'node1@example.com', login: 'node1@example.com' } } }), (u) => assert.equal(u.profile.city, undefined));
  await call('change password', api.changePassword({ userId, changePasswordRequest: { oldPassword: { value: 'correct horse 47 battery' }, newPassword: { value: 'another horse 48 battery' } } }));
  await call('suspend user', api.suspendUser({ userId }));
  await call('get suspended user', api.getUser({ userId }), (u) => assert.equal(u.status, 'SUSPENDED'));
  await call('unsuspend user', api.unsuspendUser({ userId }));
  const staged = await api.getUser({ userId: 'node3@example.com' });
  await call('activate user', api.activateUser({ userId: staged.id, sendEmail: false }));
  await call('assign user to group', client.groupApi.assignUserToGroup({ groupId, userId }));
  await call('list groups of a user', all(await api.listUserGroups({ userId })), (l) => assert.ok(l.some((g) => g.id === groupId)));
  await call('list users of a group', all(await client.groupApi.listGroupUsers({ groupId })), (l) => assert.deepEqual(l.map((u) => u.id), [userId]));
  await call('unassign user from group', client.groupApi.unassignUserFromGroup({ groupId, userId }));
  await refused('create the same user', api.createUser({ body: { profile: { firstName: 'N', lastName: 'N', email: 'node1@example.com', login: 'node1@example.com' } } }), 400, 'E0000001');
  await call('deactivate user', api.deactivateUser({ userId }));
  await call('delete user', api.deleteUser({ userId }));
  await refused('get a deleted user', api.getUser({ userId }), 404, 'E0000007');
}

async function eventHooks() {
  const api = client.eventHookApi;
  const made = await call('create event hook', api.createEventHook({ eventHook: {
    name: 'Node events', events: { type: 'EVENT_TYPE', items: ['user.lifecycle.create'] },
    channel: { type: 'HTTP', version: '1.0.0', config: { uri, authScheme: { type: 'HEADER', key: 'Authorization', value: 'hush' } } },
  } }), (h) => assert.equal(h.verificationStatus, 'UNVERIFIED'));
  const eventHookId = made.id;
  await call('verify event hook', api.verifyEventHook({ eventHookId }), (h) => assert.equal(h.verificationStatus, 'VERIFIED'));
  await call('list event hooks', all(await api.listEventHooks()), (l) => assert.equal(l.length, 1));
  await call('deactivate event hook', api.deactivateEventHook({ eventHookId }), (h) => assert.equal(h.status, 'INACTIVE'));
  await call('delete event hook', api.deleteEventHook({ eventHookId }));
}

async function others() {
  await call('get org settings', client.orgSettingApi.getOrgSettings(), (o) => assert.ok(o.id));
  const key = await call('create hook key', client.hookKeyApi.createHookKey({ keyRequest: { name: 'Node key' } }), (k) => assert.ok(k.keyId));
  await call('list hook keys', all(await client.hookKeyApi.listHookKeys()), (l) => assert.equal(l.length, 1));
  await call('delete hook key', client.hookKeyApi.deleteHookKey({ hookKeyId: key.id }));
  const origin = await call('create trusted origin', client.trustedOriginApi.createTrustedOrigin({ trustedOrigin: { name: 'Shop', origin: 'https://shop.example', scopes: [{ type: 'CORS' }] } }), (o) => assert.equal(o.status, 'ACTIVE'));
  await call('list trusted origins', all(await client.trustedOriginApi.listTrustedOrigins()), (l) => assert.equal(l.length, 1));
  await call('delete trusted origin', client.trustedOriginApi.deleteTrustedOrigin({ trustedOriginId: origin.id }));
  await call('list API tokens', all(await client.apiTokenApi.listApiTokens()), (l) => assert.ok(l.length > 0));
  const app = await call('create app', client.applicationApi.createApplication({ application: {
    name: 'oidc_client', label: 'Shop', signOnMode: 'OPENID_CONNECT', credentials: { oauthClient: { token_endpoint_auth_method: 'client_secret_basic' } },
    settings: { oauthClient: { application_type: 'web', grant_types: ['authorization_code'], response_types: ['code'], redirect_uris: ['https://shop.example/cb'] } },
  } }), (a) => assert.equal(a.status, 'ACTIVE'));
  await call('list apps', all(await client.applicationApi.listApplications()), (l) => assert.equal(l.length, 1));
  await call('deactivate app', client.applicationApi.deactivateApplication({ appId: app.id }));
  await call('delete app', client.applicationApi.deleteApplication({ appId: app.id }));
  const now = Date.now();
  await call('list log events, page by page', all(await client.systemLogApi.listLogEvents({
    since: new Date(now - 3600e3).toISOString(), until: new Date(now + 3600e3).toISOString(), filter: 'eventType eq "user.lifecycle.create"', limit: 2,
  })), (l) => assert.equal(l.length, 3));
}

const hookId = await inlineHooks();
const groupId = await groups();
await schema();
const policyId = await policies(hookId, groupId);
await users(groupId);
await eventHooks();
await others();
await call('deactivate inline hook in use', client.inlineHookApi.deactivateInlineHook({ inlineHookId: hookId }));
await call('delete inline hook in use', client.inlineHookApi.deleteInlineHook({ inlineHookId: hookId }));
await call('delete policy', client.policyApi.deletePolicy({ policyId }));
await call('delete group', client.groupApi.deleteGroup({ groupId }));
service.close();
assert.ok(calls >= 50);
console.log(`${calls} calls`);

# A script is given what happened, after its commit, and changes things as itself
proves: A15

workspace "Rocket Agency" owned by owner@example.com served with --loops 1

# what was before a script is not given to it
api POST /v1/clients
  {"givenName": "Old", "familyName": "Hand", "email": "old@example.com"}
=> 200
  id as old

api PUT /v1/scripts/welcome.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.transaction(\"tag\", function(ctx, args)\n  local answer = foyer.api(\"PATCH\", \"/v1/clients/\" .. args.id, { body = { tags = { args.tag } } })\n  if answer.status ~= 200 then error(answer.body.message) end\n  return { tagged = answer.body.tags[1], by = ctx.actor.kind }\nend)\nfoyer.on(\"client.created\", function(event, ctx)\n  local client = foyer.api(\"GET\", \"/v1/clients/\" .. event.entityId).body\n  assert(client.email == event.data.email and event.before == nil)\n  assert(event.actorType == \"apiKey\" and event.entity == \"client\")\n  local result = foyer.run(\"tag\", { id = event.entityId, tag = \"new\" })\n  assert(result.tagged == \"new\" and result.by == \"plugin\")\nend)\n"}
=> 200

api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com"}
  with X-Request-Id: from-ann
=> 200
  id as ann
api GET /v1/clients/{ann} until "new"
=> 200
  tags.0 = "new"
api GET /v1/deliveries until "done"
=> 200
  data has 1 entry
  data.0.plugin = "welcome.lua"
  data.0.handler = "client.created"
  data.0.event = "client.created"
  data.0.entityId = "{ann}"
  data.0.status = "done"
  data.0.attempts = 0
  data.0.isPaused = false
  data.0.requestId = "from-ann"
  data.0.id as delivery
api GET /v1/deliveries/{delivery}
=> 200
  status = "done"
api GET /v1/clients/{old}
=> 200
  tags has 0 entries

# what it changed is its own, and of the same request
api GET /v1/audit?entityId={ann}&sort=-createdAt
=> 200
  data.0.action = "client.update"
  data.0.actorType = "plugin"
  data.0.road = "plugin"
  data.0.requestId = "from-ann"
api GET /v1/deliveries?status=dead
=> 200
  data has 0 entries
api GET /v1/deliveries?event=client.create
=> 200
  data has 0 entries

# done again when it is replayed
api PATCH /v1/clients/{ann}
  {"tags": ["old"]}
=> 200
api POST /v1/deliveries/{delivery}/replay
=> 200
  status = "queued"
api GET /v1/clients/{ann} until "new"
=> 200
  tags.0 = "new"
api POST /v1/deliveries/01900000-0000-7000-8000-000000000000/replay
=> 404
nobody GET /v1/deliveries
=> 401

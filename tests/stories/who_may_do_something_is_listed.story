# Who may do something is listed: roles, staff, keys and clients, each by the rule that lets it
proves: A11, A1

workspace "Rocket Agency" owned by owner@example.com with the demo

api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane

api POST /v1/policies/who-can
  {"action": "client.delete", "targetId": "{jane}"}
=> 200
  counts.roles.may = 3
  counts.roles.asked = 5
  counts.internalUsers.may = 1
  counts.apiKeys.may = 1
  counts.clients.may = 0
  counts.clients.asked = 2
  errors = 0
  cutShort = false
  data has 5 entries
  data.0.kind = "role"
  data.0.name = "Owner"
  data.0.rule ~ permissions.lua:
  data.3.kind = "internalUser"
  data.3.email = "owner@example.com"
  data.4.kind = "apiKey"

# a client itself, and whoever it is told of
api POST /v1/policies/who-can
  {"action": "client.update", "targetId": "{jane}", "input": {"position": "Boss"}}
=> 200
  counts.clients.may = 1
  data.6.kind = "client"
  data.6.id = "{jane}"
  data.6.reason = "itself"

# a rule of the house takes it from all
write scripts/house_rules.lua
local foyer = require("foyer")
foyer.rule("client.delete", function(ctx)
  if ctx.actor:is("apiKey") then return foyer.deny("by_hand_only") end
  if not ctx.actor.isOwner then return ctx.nobody.knows end
end)
end of file
api POST /v1/plugins/reload
=> 200
foyer who-can client.delete {jane} --data DATA --json
=> 0
  counts.roles.may = 1
  counts.apiKeys.may = 0
  counts.internalUsers.may = 1
  errors = 4
foyer who-can client.delete {jane} --data DATA
=> 0
  stdout ~ client.delete: 1 of 5 roles, 1 of 1 staff, 0 of 1 keys, 0 of 2 clients
  stdout ~ owner@example.com
  stdout ~ for 4 of them a rule failed

# asking is no decision: nothing of it is recorded
restart
api GET /v1/decisions?action=client.delete
=> 200
  data has 0 entries

api POST /v1/policies/who-can
  {"action": "client.fly"}
=> 400
  code = "unknown_action"
api POST /v1/policies/who-can
  {"action": "client.delete", "targetId": "01900000-0000-7000-8000-000000000000"}
=> 404
foyer who-can client.delete 01900000-0000-7000-8000-000000000000 --data DATA
=> 1
foyer who-can client.delete nobody --data DATA
=> 1
  stderr ~ is no id
nobody POST /v1/policies/who-can
  {"action": "client.delete"}
=> 401

# Commands list plugins, switch and set them for a workspace, tell who chose what, and why they are asked in this order
proves: X1

workspace "Rocket Agency" owned by owner@example.com with the demo

write scripts/house_rules.lua
-- Rules of the house.
local foyer = require("foyer")
foyer.settings {
  shut = { type = "boolean", default = true },
  most = { type = "integer", default = 2, min = 1, max = 5, help = "Most tags." },
  word = { type = "text", default = "closed", max = 20 },
}
foyer.rule("client.list", { describe = "nobody lists", before = "permissions" }, function(ctx)
  if ctx.settings.shut then return foyer.deny("shut", ctx.settings.word) end
end)
foyer.rule("client.list", { stage = "validate" }, function() end)
end of file
write plugins/crm/plugin.json
{ "id": "crm", "name": "CRM", "version": "1.2", "api": 1, "provides": { "rule": ["client.list"] },
  "order": { "after": ["house_rules"], "before": ["permissions"] } }
end of file
write plugins/crm/main.lua
local foyer = require("foyer")
foyer.rule("client.list", function() end)
end of file
api POST /v1/plugins/reload
=> 200

foyer plugin list --data DATA
=> 0
  stdout ~ house_rules.lua
  stdout ~ Rules of the house.
  stdout ~ always on
  stdout ~ 1.2
foyer plugin hooks client.list --data DATA
=> 0
  stdout ~ rule client.list
  stdout ~ 1. house_rules.lua:11               validate   before crm/main.lua:2: that says so
  stdout ~ 2. house_rules.lua:8                policy
  stdout ~ 3. crm/main.lua:2                   policy     after house_rules.lua:11: its plugin.json says so
  stdout ~ after house_rules.lua:8: that says so
foyer plugin show house_rules --data DATA
=> 0
  stdout ~ most = 2
  stdout ~ a whole number from 1 to 5; Most tags.
  stdout ~ rule client.list (house_rules.lua:8)

api GET /v1/clients
=> 403
  code = "shut"
  message = "closed"
foyer plugin set house_rules most=3 word=away --data DATA
=> 0
  stdout ~ house_rules.lua is on, with
api GET /v1/clients
=> 403
  message = "away"
foyer plugin set house_rules most=9 word=this-text-is-rather-too-long shut=perhaps wort=x --data DATA
=> 1
  stderr ~ most: Must be a whole number from 1 to 5.
  stderr ~ word: Must be a text of at most 20 characters.
  stderr ~ shut: Must be true or false.
  stderr ~ wort: There is no such setting: did you mean "word"?
foyer plugin set house_rules word --data DATA
=> 0
foyer plugin disable house_rules --data DATA --json
=> 0
  enabled = false
api GET /v1/clients
=> 200
foyer plugin hooks client.list --data DATA --workspace {workspace}
=> 0
  stdout ~ (switched off)
foyer plugin diff house_rules --data DATA
=> 0
  stdout ~ - enabled = true
  stdout ~ + enabled = false
  stdout ~ - most = 2
  stdout ~ + most = 3
foyer plugin diff house_rules 1 --data DATA --json
=> 0
  1.name = "settings.word"
  1.then = "away"
  1.now = "closed"
foyer plugin log --data DATA
=> 0
  stdout ~ house_rules.lua
  stdout ~ off
  stdout ~ system
foyer plugin rollback house_rules --settings --data DATA
=> 0
  stdout ~ house_rules.lua is on
api GET /v1/clients
=> 403
foyer plugin rollback house_rules 0 --settings --data DATA
=> 0
foyer plugin log house_rules --data DATA --json
=> 0
  0.backTo = 0
  0.version = 5
  0.actorType = "system"
  4.settings.most = 3
foyer plugin disable permissions --data DATA
=> 1
  stderr ~ permissions.lua cannot be switched off: it decides who may do what.
foyer plugin disable crn --data DATA
=> 1
  stderr ~ No script or plugin `crn` is in force
foyer plugin rollback house_rules 77 --settings --data DATA
=> 1
  stderr ~ There is no such version
foyer plugin rollback house_rules --workspace {workspace} --data DATA
=> 2

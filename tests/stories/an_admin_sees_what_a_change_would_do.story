# What a change of a rule would do to what was asked before is seen before it is in force
proves: A9, A2

workspace "Rocket Agency" owned by owner@example.com with the demo served with --loops 1

api POST /v1/scripts/house_rules.lua/check
  {"source": "-- Nothing yet.\n"}
=> 200
  ok = true
  tests = null
  replay.newlyDenied = 0

api GET /v1/clients?givenName=Jane
=> 200
  data.0.id as jane
api GET /v1/clients?givenName=John
=> 200
  data.0.id as john

write scripts/house_rules.lua
local foyer = require("foyer")
foyer.rule("client.delete", function() return foyer.deny("never", "Nothing is deleted.") end)
foyer.rule("client.create", function(ctx)
  if ctx.target.position == "x" then return foyer.deny("no_x") end
end)
end of file
api POST /v1/plugins/reload
=> 200
api DELETE /v1/clients/{jane}
=> 403
api DELETE /v1/clients/{john}
=> 403
api DELETE /v1/clients/{john}
=> 403
  requestId as asked
api POST /v1/clients
  {"givenName": "Ann", "familyName": "Lee", "email": "ann@example.com", "position": "x"}
=> 403

# what was decided is in the table by then
restart
api GET /v1/decisions?verdict=deny&action=client.delete
=> 200
  data has 3 entries
  data.0.rule = "house_rules.lua:2"

# Jane stays as she was, for another reason; John could be deleted; of Ann only her position was recorded
api POST /v1/scripts/house_rules.lua/check
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.delete\", function(ctx)\n  if ctx.target.givenName == \"Jane\" then return foyer.deny(\"jane\", \"Jane stays.\") end\nend)\nfoyer.rule(\"client.create\", function(ctx) if ctx.target.familyName == \"Lee\" then return foyer.deny(\"no\") end end)\n"}
=> 200
  ok = true
  registers.0 = "rule client.delete (house_rules.lua:2)"
  registers.1 = "rule client.create (house_rules.lua:5)"
  replay.newlyAllowed = 2
  replay.newlyDenied = 0
  replay.deniedOtherwise = 1
  replay.errors = 0
  replay.cannotTell = 1
  replay.cutShort = false
  replay.examples has 2 entries
  replay.examples.0.change = "newlyAllowed"
  replay.examples.0.times = 2
  replay.examples.0.action = "client.delete"
  replay.examples.0.entityId = "{john}"
  replay.examples.0.requestId = "{asked}"
  replay.examples.0.before.verdict = "deny"
  replay.examples.0.before.rule = "house_rules.lua:2"
  replay.examples.0.before.code = "never"
  replay.examples.0.after.verdict = "allow"
  replay.examples.0.after.rule ~ permissions.lua:
  replay.examples.1.change = "deniedOtherwise"
  replay.examples.1.entityId = "{jane}"
  replay.examples.1.after.rule = "house_rules.lua:3"
  replay.examples.1.after.message = "Jane stays."

# a rule that fails for what was asked is told, too
api POST /v1/scripts/house_rules.lua/check
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.delete\", function(ctx)\n  return foyer.deny(\"n\" .. ctx.target.position.nothing)\nend)\n"}
=> 200
  ok = true
  replay.errors = 3
  replay.newlyAllowed = 1
  replay.examples.1.after.verdict = "error"
  replay.examples.1.after.rule = "house_rules.lua:3"

# nothing of it was written
api GET /v1/scripts/house_rules.lua
=> 200
  source ~ Nothing is deleted.
api DELETE /v1/clients/{john}
=> 403
  code = "never"
restart

# the same by a command, beside the server; tests beside the file are run
write draft/house_rules.lua
local foyer = require("foyer")
foyer.rule("client.delete", function(ctx)
  if ctx.target.givenName == "Jane" then return foyer.deny("jane", "Jane stays.") end
end)
end of file
write draft/house_rules_test.lua
local test = require("test")
test("Jane stays", function(t)
  t.equal(t.denies("client.delete", { target = { givenName = "Jane" } }), "jane")
end)
test("nobody stays", function(t)
  t.allows("client.delete", { actor = { kind = "nobody" }, target = { givenName = "John" } })
end)
end of file
foyer script check DATA/draft/house_rules.lua --data DATA --json
=> 1
  good = false
  check.tests.ran = 2
  check.tests.failed = 1
  check.tests.report.0 ~ house_rules_test.lua:6
  check.replay.newlyAllowed = 4
foyer script check DATA/draft/house_rules.lua --data DATA
=> 1
  stdout ~ newly allowed: 3 times client.delete by init on {john}
  stdout ~ before  deny by house_rules.lua:2: Nothing is deleted.

# what is put is told of in the same way, and in force with the answer
api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.delete\", function(ctx)\n  if ctx.target.givenName == \"Jane\" then return foyer.deny(\"jane\", \"Jane stays.\") end\nend)\n"}
=> 200
  inForce = true
  check.ok = true
  check.replay.newlyAllowed = 4
  check.replay.deniedOtherwise = 1
api DELETE /v1/clients/{john}
=> 200

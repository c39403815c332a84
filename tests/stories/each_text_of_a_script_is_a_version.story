# Each text that a script has had is a version: who put it, when; and each can be put back
proves: A10, A2

workspace "Rocket Agency" owned by owner@example.com

api GET /v1/scripts/permissions.lua/versions
=> 200
  data has 0 entries
api GET /v1/scripts/nothing.lua/versions
=> 404
api POST /v1/plugins/rollback
=> 409
  code = "nothing_before"

api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.list\", function() return foyer.deny(\"one\") end)\n"}
=> 200
api PUT /v1/scripts/house_rules.lua
  {"source": "local foyer = require(\"foyer\")\nfoyer.rule(\"client.list\", function() return foyer.deny(\"two\") end)\n"}
=> 200
api PUT /v1/scripts/house_rules.lua
  {"source": "foyr.rule()"}
=> 422

api GET /v1/scripts/house_rules.lua/versions
=> 200
  data has 3 entries
  data.0.state = "refused"
  data.0.report ~ house_rules.lua:1
  data.0.source is absent
  data.1.state = "live"
  data.1.actorType = "apiKey"
  data.1.actor = "init"
  data.1.bytes = 98
  data.1.version as two
  data.2.state = "replaced"
  data.2.version as one
api GET /v1/scripts/house_rules.lua/versions/{one}
=> 200
  source ~ foyer.deny("one")
  version = {one}
api GET /v1/scripts/permissions.lua/versions/{one}
=> 404
api GET /v1/scripts/house_rules.lua/versions/none
=> 404

# what somebody changes by hand is a version, too
write scripts/house_rules.lua
local foyer = require("foyer")
foyer.rule("client.list", function() return foyer.deny("by_hand") end)
end of file
api POST /v1/plugins/reload
=> 200
api GET /v1/clients
=> 403
  code = "by_hand"
api GET /v1/scripts/house_rules.lua/versions until "actorType":"system"
=> 200
  data.0.state = "live"
  data.0.actorType = "system"
  data.0.version as hand
  data.2.state = "replaced"

# one back, and one more; to a named one; to nothing
api POST /v1/scripts/house_rules.lua/rollback
=> 200
  version = {two}
api GET /v1/clients
=> 403
  code = "two"
api POST /v1/plugins/rollback
=> 200
  name = "house_rules.lua"
  version = {one}
api GET /v1/clients
=> 403
  code = "one"
api POST /v1/scripts/house_rules.lua/rollback
  {"version": {hand}}
=> 200
api GET /v1/clients
=> 403
  code = "by_hand"
api GET /v1/scripts/house_rules.lua/versions
=> 200
  data has 7 entries
  data.0.state = "live"
  data.0.backTo = {hand}
  data.0.actor = "init"
  data.1.backTo = {one}
api POST /v1/scripts/house_rules.lua/rollback
  {"version": 999}
=> 404
api POST /v1/scripts/house_rules.lua/rollback
  {"version": "two"}
=> 400
  errors.0.field = "version"

# a version with faults is refused, and nothing changes
foyer script log house_rules --data DATA --json
=> 0
  4.state = "refused"
  4.version as faulty
foyer script rollback house_rules {faulty} --data DATA
=> 1
  stderr ~ house_rules.lua:1
api GET /v1/clients
=> 403
  code = "by_hand"

# by commands, which ask no rule
foyer script show house_rules {one} --data DATA
=> 0
  stdout ~ foyer.deny("one")
foyer script log house_rules --data DATA
=> 0
  stdout ~ live
  stdout ~ (back to {one})
foyer plugin rollback house_rules 0 --data DATA
=> 0
  stdout ~ as if nobody had changed it
api GET /v1/clients
=> 200
foyer plugin rollback --data DATA
=> 1
  stderr ~ nothing to go back to
api GET /v1/audit?action=script.rollback
=> 200
  data has 4 entries
